"""Words for what is wrong with the way to the network."""

BAD_CERT_FILE = "SSL_CERT_FILE names a file that cannot be read."
BAD_CERT_FILE_CURE = "Correct or unset it, then start again."
