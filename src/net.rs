//! Connections: TCP with deadlines, TLS against chosen trust anchors, server discovery, back-off.
