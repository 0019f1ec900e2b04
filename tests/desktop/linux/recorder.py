"""Records from a source under a name, with stream flags that PulseAudio's own tools do not offer: NAME SOURCE FLAGS."""

import ctypes
import sys
from ctypes import c_char_p, c_int, c_uint8, c_uint32, c_void_p

START_CORKED, PEAK_DETECT = 0x1, 0x800  # pa_stream_flags_t
CONTEXT_READY = 4


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


def main(name: str, source: str, flags: int) -> None:
    pulse = ctypes.CDLL("libpulse.so.0")
    for function in ("pa_mainloop_new", "pa_mainloop_get_api", "pa_context_new", "pa_stream_new"):
        getattr(pulse, function).restype = c_void_p
    loop = c_void_p(pulse.pa_mainloop_new())
    context = c_void_p(pulse.pa_context_new(c_void_p(pulse.pa_mainloop_get_api(loop)), name.encode()))
    pulse.pa_context_connect(context, None, 0, None)
    while pulse.pa_context_get_state(context) != CONTEXT_READY:
        pulse.pa_mainloop_iterate(loop, 1, None)
    spec = _SampleSpec(5, 25 if flags & PEAK_DETECT else 44100, 1)  # float32le
    stream = c_void_p(pulse.pa_stream_new(context, c_char_p(b"Recording"), ctypes.byref(spec), None))
    pulse.pa_stream_connect_record(stream, source.encode(), None, flags)
    while pulse.pa_mainloop_iterate(loop, 1, None) >= 0:
        pass


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
