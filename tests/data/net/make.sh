#!/bin/sh
# Makes the test authority of this folder: root, intermediate, server certificates good and bad, a client, lists.
set -e
cd "$(dirname "$0")"
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
cat > "$scratch/cnf" <<C
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
dir=$scratch/sub
database=$scratch/sub/index.txt
serial=$scratch/sub/serial
crlnumber=$scratch/sub/crlnumber
new_certs_dir=$scratch/sub
certificate=intermediate.pem
private_key=$scratch/sub.key
default_md=sha256
policy=any
unique_subject=no
copy_extensions=none
[root_ca]
dir=$scratch/root-ca
database=$scratch/root-ca/index.txt
serial=$scratch/root-ca/serial
crlnumber=$scratch/root-ca/crlnumber
new_certs_dir=$scratch/root-ca
certificate=root.pem
private_key=$scratch/root.key
default_md=sha256
policy=any
unique_subject=no
[any]
commonName=supplied
C
for ca in sub root-ca; do
  mkdir "$scratch/$ca"; : > "$scratch/$ca/index.txt"; echo 1000 > "$scratch/$ca/serial"; echo 01 > "$scratch/$ca/crlnumber"
done
key() { openssl genrsa -out "$1" 2048 2>/dev/null; }
for k in root sub other; do key "$scratch/$k.key"; done
key leaf.key
openssl req -new -x509 -config "$scratch/cnf" -extensions ca -key "$scratch/root.key" -days 9000 -subj '/CN=Test root' -out root.pem
openssl req -new -x509 -config "$scratch/cnf" -extensions ca -key "$scratch/other.key" -days 9000 -subj '/CN=Other root' -out other-root.pem
openssl req -new -config "$scratch/cnf" -key "$scratch/sub.key" -subj '/CN=Test intermediate' -out "$scratch/sub.csr"
openssl ca -batch -notext -config "$scratch/cnf" -name root_ca -extensions ca -days 8900 -in "$scratch/sub.csr" -out intermediate.pem 2>/dev/null
# leaf NAME EXTENSIONS START END
leaf() {
  openssl req -new -config "$scratch/cnf" -key leaf.key -subj "/CN=$1" -out "$scratch/$1.csr"
  openssl ca -batch -notext -config "$scratch/cnf" -name sub_ca -extensions "$2" -startdate "$3" -enddate "$4" -in "$scratch/$1.csr" -out "$scratch/$1.pem" 2>/dev/null
  cat "$scratch/$1.pem" intermediate.pem > "$1.pem"
}
leaf good server 20260101000000Z 20490101000000Z
leaf elsewhere elsewhere 20260101000000Z 20490101000000Z
leaf expired server 20200101000000Z 20210101000000Z
leaf future server 20480101000000Z 20490101000000Z
leaf revoked server 20260101000000Z 20490101000000Z
leaf client client 20260101000000Z 20490101000000Z
openssl ca -config "$scratch/cnf" -name sub_ca -gencrl -crldays 2 -crl_lastupdate 20260101000000Z -crl_nextupdate 20260102000000Z -out stale.crl.pem 2>/dev/null
openssl ca -config "$scratch/cnf" -name sub_ca -revoke "$scratch/revoked.pem" 2>/dev/null
openssl ca -config "$scratch/cnf" -name sub_ca -gencrl -crldays 8000 -out intermediate.crl.pem 2>/dev/null
openssl ca -config "$scratch/cnf" -name root_ca -gencrl -crldays 8000 -out root.crl.pem 2>/dev/null
openssl crl -in intermediate.crl.pem -outform DER -out intermediate.crl
openssl ca -config "$scratch/cnf" -name root_ca -revoke intermediate.pem 2>/dev/null
openssl ca -config "$scratch/cnf" -name root_ca -gencrl -crldays 8000 -out root-revokes.crl.pem 2>/dev/null
