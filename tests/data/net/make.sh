#!/bin/sh
# Makes the test authority of this folder: root, intermediate, server certificates good and bad, a client, lists.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cat > "$work/cnf" <<C
[req]
distinguished_name=dn
prompt=no
[dn]
C=FR
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[server]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
authorityKeyIdentifier=keyid
subjectAltName=DNS:mail.test.example,DNS:localhost,IP:127.0.0.1
[elsewhere]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:elsewhere.test.example
[client]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=clientAuth
[sub_ca]
dir=$work/sub
database=$work/sub/index.txt
serial=$work/sub/serial
crlnumber=$work/sub/crlnumber
new_certs_dir=$work/sub
certificate=intermediate.pem
private_key=$work/sub.key
default_md=sha256
policy=any
unique_subject=no
copy_extensions=none
[root_ca]
dir=$work/root
database=$work/root/index.txt
serial=$work/root/serial
crlnumber=$work/root/crlnumber
new_certs_dir=$work/root
certificate=root.pem
private_key=$work/root.key
default_md=sha256
policy=any
unique_subject=no
[any]
commonName=supplied
C
for ca in sub root; do
  mkdir "$work/$ca"; : > "$work/$ca/index.txt"; echo 1000 > "$work/$ca/serial"; echo 01 > "$work/$ca/crlnumber"
done
key() { openssl genrsa -out "$1" 2048 2>/dev/null; }
for k in root sub other; do key "$work/$k.key"; done
key leaf.key
openssl req -new -x509 -config "$work/cnf" -extensions ca -key "$work/root.key" -days 9000 -subj '/CN=Test root' -out root.pem
openssl req -new -x509 -config "$work/cnf" -extensions ca -key "$work/other.key" -days 9000 -subj '/CN=Other root' -out other-root.pem
openssl req -new -config "$work/cnf" -key "$work/sub.key" -subj '/CN=Test intermediate' -out "$work/sub.csr"
openssl ca -batch -notext -config "$work/cnf" -name root_ca -extensions ca -days 8900 -in "$work/sub.csr" -out intermediate.pem 2>/dev/null
# leaf NAME EXTENSIONS START END
leaf() {
  openssl req -new -config "$work/cnf" -key leaf.key -subj "/CN=$1" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/cnf" -name sub_ca -extensions "$2" -startdate "$3" -enddate "$4" -in "$work/$1.csr" -out "$work/$1.pem" 2>/dev/null
  cat "$work/$1.pem" intermediate.pem > "$1.pem"
}
leaf good server 20260101000000Z 20490101000000Z
leaf elsewhere elsewhere 20260101000000Z 20490101000000Z
leaf expired server 20200101000000Z 20210101000000Z
leaf future server 20480101000000Z 20490101000000Z
leaf revoked server 20260101000000Z 20490101000000Z
leaf client client 20260101000000Z 20490101000000Z
openssl ca -config "$work/cnf" -name sub_ca -gencrl -crldays 2 -crl_lastupdate 20260101000000Z -crl_nextupdate 20260102000000Z -out stale.crl.pem 2>/dev/null
openssl ca -config "$work/cnf" -name sub_ca -revoke "$work/revoked.pem" 2>/dev/null
openssl ca -config "$work/cnf" -name sub_ca -gencrl -crldays 8000 -out intermediate.crl.pem 2>/dev/null
openssl ca -config "$work/cnf" -name root_ca -gencrl -crldays 8000 -out root.crl.pem 2>/dev/null
openssl crl -in intermediate.crl.pem -outform DER -out intermediate.crl
openssl ca -config "$work/cnf" -name root_ca -revoke intermediate.pem 2>/dev/null
openssl ca -config "$work/cnf" -name root_ca -gencrl -crldays 8000 -out root-revokes.crl.pem 2>/dev/null
