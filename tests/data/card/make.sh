#!/bin/sh
# Makes the certificates of this folder: the subject forms seen on CPS cards, with fictitious people.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
openssl genrsa -out "$work/rsa.key" 2048 2>/dev/null
openssl ecparam -genkey -name prime256v1 -noout -out "$work/ec.key"

# make NAME SUBJECT MASK KEY EXTENSION...
make() {
  name=$1 subject=$2 mask=$3 key=$4; shift 4
  { printf '[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\nstring_mask=%s\n[dn]\nC=FR\n[ext]\n' "$mask"
    printf 'basicConstraints=CA:FALSE\n'; printf '%s\n' "$@"; } > "$work/cnf"
  openssl req -new -x509 -utf8 -multivalue-rdn -config "$work/cnf" -key "$work/$key.key" -days 9000 -sha256 \
    -subj "$subject" -outform DER -out "$name.der" 2>/dev/null
}
AUTH='keyUsage=critical,digitalSignature'
EKU='extendedKeyUsage=clientAuth,msSmartcardLogin'
product() { echo "1.2.250.1.71.1.2.2=ASN1:INTEGER:$1"; }
card() { echo "1.2.250.1.71.1.2.3=ASN1:PRINTABLESTRING:8025000001/$1"; }
profession() { echo "1.2.250.1.71.1.2.7=ASN1:INTEGER:$1"; }

make physician '/C=FR/title=Médecin/SN=SPECIMEN+GN=CAMILLE+CN=899700000015' utf8only rsa \
  "$AUTH" "$EKU" "$(product 0)" "$(card 2900000011)" "$(profession 10)"
make pharmacist '/C=FR/title=Pharmacien/CN=899700000023+SN=DE L ÉPREUVE+GN=NOÉ' utf8only rsa \
  "$AUTH" "$EKU" "$(product 0)" "$(card 2900000012)" "$(profession 21)"
make staff-named '/C=FR/ST=Paris (75)/O=HOPITAL D ESSAI/OU=1750000001/title=Carte de service santé ou social/SN=MODELE+GN=ALIX+CN=1750000001\/000123' utf8only rsa \
  "$AUTH" "$EKU" "$(product 2)" "$(card 2900000013)"
make staff-nameless '/C=FR/L=Rhône (69)/O=CENTRE D ESSAI/OU=3690000002/title=Carte de service santé ou social/pseudonym=ACCUEIL/CN=3690000002\/000045' utf8only rsa \
  "$AUTH" "$EKU" "$(product 3)" "$(card 2900000014)"
make old-unit '/C=FR/O=GIP-CPS/OU=Médecin/GN=DOMINIQUE+SN=ANCIEN+CN=0751234567' nombstr rsa "$AUTH"
make old-serial '/C=FR/CN=ANCIEN DOMINIQUE/serialNumber=899700000031' nombstr rsa "$AUTH" "$EKU"
make nobody '/C=FR/O=SANS IDENTIFIANT' utf8only rsa "$AUTH" "$EKU"
make signature '/C=FR/title=Médecin/SN=SPECIMEN+GN=CAMILLE+CN=899700000015' utf8only rsa \
  'keyUsage=critical,nonRepudiation' "$(product 0)"
make elliptic '/C=FR/CN=899700000049' utf8only ec "$AUTH" "$EKU"
make server-only '/C=FR/CN=899700000057' utf8only rsa "$AUTH" 'extendedKeyUsage=serverAuth'
