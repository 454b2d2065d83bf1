//! The CPS card: presence by PC/SC, keys by PKCS#11.
