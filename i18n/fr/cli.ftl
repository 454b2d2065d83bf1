cli-card-no-service = le service de cartes (PC/SC) ne répond pas
cli-card-no-reader = aucun lecteur de carte branché
cli-card-no-card = aucune carte dans le lecteur
cli-card-reading = lecture de la carte…
cli-card-no-module = aucun module PKCS#11 : installez la Cryptolib CPS
cli-card-module-crashed = le module PKCS#11 a planté
cli-card-module-hung = le module PKCS#11 ne répond pas
cli-card-module-garbled = le module PKCS#11 répond de façon incohérente
cli-card-module-not-loaded = le module PKCS#11 ne peut pas être chargé
cli-card-module-not-trusted = le module PKCS#11 peut être remplacé par d’autres que l’administrateur : il n’est pas chargé
cli-card-card-unreadable = la carte ne répond pas
cli-card-vitale = carte Vitale : insérez votre carte CPS
cli-card-contactless = CPS sans contact : insérez la carte dans le lecteur
cli-card-not-a-cps = cette carte n’est pas une CPS
cli-card-choosing = plusieurs cartes : choisissez avec « estafettectl card choose »
cli-card-card-expired = carte expirée
cli-card-card-revoked = carte révoquée
cli-card-pin-blocked = code bloqué : débloquez la carte avec le code de déblocage
cli-card-last-try = dernier essai avant blocage du code
cli-card-ready = code porteur attendu
cli-card-unlocked = carte déverrouillée
cli-card-in-use = utilisée
cli-card-unblocked = carte débloquée : le nouveau code est en place
cli-card-days-left = { $days ->
    [0] expire aujourd’hui
    [one] expire demain
   *[other] expire dans { $days } jours
 }
cli-synced = { $new } nouveaux, { $changed } modifiés, { $removed } disparus
cli-nothing-found = aucun résultat
cli-near-names = D’autres personnes, au nom voisin :
cli-annuaire = { $people } personnes et services, { $mailboxes } adresses, données du { $date }
cli-annuaire-changes = depuis la version précédente : { $new } adresses nouvelles, { $gone } disparues
cli-annuaire-bad = lignes inutilisables : { $count }, laissées de côté ; les premières :
cli-annuaire-places = lieux d’exercice de { $people } personnes, données du { $date }
cli-ldap-off = annuaire LDAP : aucun serveur
cli-ldap-more = Il y en a d’autres : précisez la recherche.
cli-ldap-confirmed = aussi dans l’annuaire
cli-ldap-unconfirmed = d’après { $server } seulement
cli-contacts-taken = { $contacts } contacts repris, dont { $listed } présents dans l’annuaire ; { $without } sans adresse
cli-mailbox-open = aucune préférence : choisissez une de ses boîtes
cli-white-list = { $domains } domaines dans l’espace de confiance
cli-draft = reprise en brouillon ({ $draft })
cli-folder-read-only = lecture seule
cli-psc-open = Connectez-vous à Pro Santé Connect à cette adresse (trois minutes au plus) :

# ce qui a été vérifié des certificats d’un serveur
trust-chain-none = aucune chaîne de certificats vue
trust-stapled = { $certificate } : non révoqué (réponse OCSP jointe par le serveur, datée { $moment })
trust-ocsp = { $certificate } : non révoqué (OCSP, réponse datée { $moment })
trust-list = { $certificate } : non révoqué (liste de révocation datée { $moment })
trust-file = { $certificate } : non révoqué (liste de révocation du profil)
trust-grace = { $certificate } : l’autorité ne répond pas ; vérifié { $moment }, admis pendant quatre heures
trust-unnamed = { $certificate } : révocation non publiée par cette autorité
cli-exported = { $messages ->
    [one] { $messages } message écrit
   *[other] { $messages } messages écrits
 } dans { $path }
cli-export-missing = { $count ->
    [one] { $count } message manque : son contenu n’est pas sur cet ordinateur.
   *[other] { $count } messages manquent : leur contenu n’est pas sur cet ordinateur.
 }
cli-imported = { $added ->
    [one] { $added } message ajouté
   *[other] { $added } messages ajoutés
 }, { $duplicates } déjà là, { $unreadable } illisibles, { $too_large } trop gros
cli-archive-none = Aucune archive. Créez-en une avec « archive create ».
cli-archived = { $added } messages ajoutés ; { $messages } dans l’archive, tous vérifiés
cli-restored = { $messages } messages vérifiés, { $written } écrits, { $duplicates } déjà là
