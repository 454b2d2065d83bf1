cli-card-no-service = the card service (PC/SC) does not answer
cli-card-no-reader = no card reader plugged in
cli-card-no-card = no card in the reader
cli-card-reading = reading the card…
cli-card-no-module = no PKCS#11 module: install the Cryptolib CPS
cli-card-module-crashed = the PKCS#11 module crashed
cli-card-module-hung = the PKCS#11 module does not answer
cli-card-module-garbled = the PKCS#11 module answers nonsense
cli-card-module-not-loaded = the PKCS#11 module cannot be loaded
cli-card-module-not-trusted = the PKCS#11 module can be replaced by others than the administrator: it is not loaded
cli-card-card-unreadable = the card does not answer
cli-card-vitale = carte Vitale: insert your CPS card
cli-card-contactless = contactless CPS: insert the card into the reader
cli-card-not-a-cps = this card is not a CPS
cli-card-choosing = several cards: choose with “estafettectl card choose”
cli-card-card-expired = expired card
cli-card-card-revoked = revoked card
cli-card-pin-blocked = PIN blocked: unblock the card with its unblocking code
cli-card-last-try = last try before the PIN blocks
cli-card-ready = waiting for the PIN
cli-card-unlocked = card unlocked
cli-card-in-use = in use
cli-card-unblocked = card unblocked: the new PIN is in place
cli-card-days-left = { $days ->
    [0] expires today
    [one] expires tomorrow
   *[other] expires in { $days } days
 }
cli-synced = { $new } new, { $changed } changed, { $removed } gone
cli-nothing-found = nothing found
cli-near-names = Other people with a near name:
cli-annuaire = { $people } people and services, { $mailboxes } addresses, data of { $date }
cli-annuaire-changes = since the version before: { $new } new addresses, { $gone } gone
cli-annuaire-bad = unusable lines: { $count }, left out; the first ones:
cli-annuaire-places = places of practice of { $people } people, data of { $date }
cli-ldap-off = LDAP directory: no server
cli-ldap-more = There are more: say more.
cli-ldap-confirmed = in the annuaire too
cli-ldap-unconfirmed = only by what { $server } says
cli-contacts-taken = { $contacts } contacts taken, { $listed } of them in the directory; { $without } without an address
cli-mailbox-open = no preference: choose one of their mailboxes
cli-white-list = { $domains } domains in the trust space
cli-draft = taken back as a draft ({ $draft })
cli-folder-read-only = read only
cli-psc-open = Log in to Pro Santé Connect at this address (within three minutes):

# what was checked of a server’s certificates
trust-chain-none = no certificate chain seen
trust-stapled = { $certificate }: not revoked (OCSP answer sent along by the server, dated { $moment })
trust-ocsp = { $certificate }: not revoked (OCSP, answer dated { $moment })
trust-list = { $certificate }: not revoked (revocation list dated { $moment })
trust-file = { $certificate }: not revoked (revocation list of the profile)
trust-grace = { $certificate }: the authority does not answer; checked { $moment }, accepted for four hours
trust-unnamed = { $certificate }: this authority publishes no revocation
cli-exported = { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
 } written to { $path }
cli-export-missing = { $count ->
    [one] { $count } message is missing: its content is not on this computer.
   *[other] { $count } messages are missing: their content is not on this computer.
 }
cli-imported = { $added ->
    [one] { $added } message
   *[other] { $added } messages
 } added, { $duplicates } already here, { $unreadable } unreadable, { $too_large } too large
cli-archive-none = No archive. Make one with “archive create”.
cli-archived = { $added } messages added; { $messages } in the archive, all verified
cli-restored = { $messages } messages verified, { $written } written, { $duplicates } already there
