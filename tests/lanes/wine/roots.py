"""Puts the private authorities of the tests into the user's certificate store, as a company does with its own.

`windows-python -m tests.lanes.wine.roots FOLDER`, FOLDER made by `tests.certificates`. Wine cannot make the chain
engine in which truststore tries the roots of SSL_CERT_FILE: it knows no `CERT_CHAIN_ENGINE_CONFIG` as long as
Windows 8's.
"""

import ctypes
import ssl
import sys
from pathlib import Path

X509_ASN_ENCODING, REPLACE_EXISTING = 1, 3
STRANGER = "nobody vouches for"

crypt32 = ctypes.WinDLL("crypt32", use_last_error=True)
crypt32.CertOpenSystemStoreW.restype = ctypes.c_void_p
crypt32.CertOpenSystemStoreW.argtypes = [ctypes.c_void_p, ctypes.c_wchar_p]
crypt32.CertAddEncodedCertificateToStore.argtypes = [
    *(ctypes.c_void_p, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p)
]
crypt32.CertCloseStore.argtypes = [ctypes.c_void_p, ctypes.c_ulong]


def install(certificate: bytes) -> None:
    """Trust an authority; raise `OSError`."""
    store = crypt32.CertOpenSystemStoreW(None, "Root")
    added = crypt32.CertAddEncodedCertificateToStore(
        store, X509_ASN_ENCODING, certificate, len(certificate), REPLACE_EXISTING, None
    )
    if not (added and crypt32.CertCloseStore(store, 0)):  # which writes it
        raise ctypes.WinError(ctypes.get_last_error())


if __name__ == "__main__":
    for file in Path(sys.argv[1]).glob("*/ca.pem"):
        if file.parent.name != STRANGER:
            install(ssl.PEM_cert_to_DER_cert(file.read_text()))
