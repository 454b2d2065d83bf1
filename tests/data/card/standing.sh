#!/bin/sh
# Makes the authority, the cards and the revocation lists of `standing/`.
set -e
cd "$(dirname "$0")"; mkdir -p standing; cd standing
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
cat > "$scratch/cnf" <<C
[req]
distinguished_name=dn
prompt=no
[dn]
C=FR
[authority]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[card]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=clientAuth,msSmartcardLogin
[ca]
default_ca=this
[this]
policy=any
new_certs_dir=$scratch
serial=$scratch/serial2
database=$scratch/index
crlnumber=$scratch/number
default_md=sha256
[any]
commonName=supplied
C
: > "$scratch/index"; echo 01 > "$scratch/number"
key() { openssl genrsa -out "$scratch/$1.key" 2048 2>/dev/null; }
signed() { # NAME ISSUER EXTENSIONS
    key "$1"
    openssl req -new -config "$scratch/cnf" -key "$scratch/$1.key" -subj "/C=FR/CN=TEST $1" |
        openssl x509 -req -CA "$2.pem" -CAkey "$scratch/$2.key" -CAcreateserial -CAserial "$scratch/serial" \
            -days 8000 -extfile "$scratch/cnf" -extensions "$3" -out "$1.pem" 2>/dev/null
}
root() {
    key "$1"
    openssl req -new -x509 -config "$scratch/cnf" -extensions authority -days 8000 -key "$scratch/$1.key" \
        -subj "/C=FR/CN=TEST $1" -out "$1.pem"
}
list() { # ISSUER DAYS OUT
    openssl ca -config "$scratch/cnf" -gencrl -cert "$1.pem" -keyfile "$scratch/$1.key" $2 -out "$3.crl" 2>/dev/null
}
root root; root other; signed issuer root authority; signed sound issuer card; signed revoked issuer card
list root "-crldays 8000" root
openssl ca -config "$scratch/cnf" -cert issuer.pem -keyfile "$scratch/issuer.key" -revoke revoked.pem 2>/dev/null
list issuer "-crldays 8000" issuer
list issuer "-crlsec 1" over
# the same words signed by somebody else
cp "$scratch/root.key" "$scratch/issuer-key"; openssl req -new -x509 -config "$scratch/cnf" -extensions authority \
    -days 8000 -key "$scratch/other.key" -subj "/C=FR/CN=TEST issuer" -out "$scratch/forged.pem"
cp "$scratch/forged.pem" forged.pem; cp "$scratch/other.key" "$scratch/forged.key"; list forged "-crldays 8000" forged
rm forged.pem
