# annuaire
annuaire-title = Annuaire
annuaire-hint = Nom, spécialité, ville…
annuaire-data-date = données du { $date }
annuaire-data-undated = données sans date
annuaire-none-loaded = annuaire non chargé
annuaire-blank = Chercher un confrère ou un service
annuaire-blank-detail = Tapez des débuts de mots, dans n’importe quel ordre : « mart cardio lyon ».
annuaire-nobody = Personne à ce nom
annuaire-nobody-detail = Liste rouge possible : si vous connaissez l’adresse, saisissez-la en entier.
annuaire-write-to = Écrire à { $address }
annuaire-more = Il y a d’autres résultats : précisez la recherche.
annuaire-close = Fermer
annuaire-rpps = RPPS { $rpps }
annuaire-rpps-end = RPPS …{ $end }
annuaire-mailboxes = { $count ->
    [one] 1 boîte
   *[other] { $count } boîtes
}
annuaire-organisation = boîte organisationnelle
annuaire-paperless = accepte les documents dématérialisés
annuaire-kind-personal = personnelle
annuaire-kind-organisation = organisationnelle
annuaire-kind-application = applicative
annuaire-kind-practice = cabinet
annuaire-copy = Copier l’adresse
annuaire-copied = Adresse copiée
annuaire-write = Écrire
annuaire-foot = Introuvable ? Le correspondant est peut-être en liste rouge : saisissez son adresse.
annuaire-key-enter = Entrée
annuaire-near = Orthographe proche
annuaire-me = Ma fiche
annuaire-me-right = Votre fiche est complète.
annuaire-me-right-detail = Vos confrères vous trouvent par nom, spécialité et ville.
annuaire-data-old = { $days } jours : adresses peut-être périmées
annuaire-only-everybody = Tous
annuaire-only-people = Personnes
annuaire-only-services = Services
annuaire-widen = Ne plus limiter à « { $label } »
annuaire-near-me = Mon département
annuaire-import-receiving = { $percent ->
    [unknown] Mise à jour : téléchargement en cours. L’ancien annuaire sert en attendant.
   *[other] Mise à jour : téléchargement { $percent } %. L’ancien annuaire sert en attendant.
}
annuaire-import-reading = { $percent ->
    [unknown] Mise à jour : lecture en cours. L’ancien annuaire sert en attendant.
   *[other] Mise à jour : lecture { $percent } %. L’ancien annuaire sert en attendant.
}
annuaire-import-indexing = { $percent ->
    [unknown] Mise à jour : classement en cours. L’ancien annuaire sert en attendant.
   *[other] Mise à jour : classement { $percent } %. L’ancien annuaire sert en attendant.
}
annuaire-import-cancel = Arrêter
annuaire-not-loaded = L’annuaire n’est pas encore chargé
annuaire-not-loaded-detail = Il se télécharge ou se charge depuis un fichier, dans les réglages. Une adresse saisie en entier suffit pour écrire.
annuaire-load = Charger l’annuaire
annuaire-groups = Groupes
annuaire-favourites = Favoris
annuaire-recent = Derniers destinataires
annuaire-members = { $count ->
    [one] 1 membre
   *[other] { $count } membres
}
annuaire-favourite = favori
annuaire-used = déjà écrit
annuaire-gone = absent de l’annuaire
annuaire-unlisted = hors annuaire
annuaire-favour = Ajouter aux favoris
annuaire-unfavour = Favori
annuaire-gone-address = { $address } n’est plus dans l’annuaire.
annuaire-gone-since = Absente depuis les données du { $date } : la boîte est fermée, renommée ou passée en liste rouge. Vérifiez auprès du correspondant.
annuaire-preferred = préférée
annuaire-preferred-for = préférée pour « { $kind } »
annuaire-prefer = Préférer pour…
annuaire-prefer-any = tout
annuaire-prefer-detail = Écrire à cette boîte par défaut, selon ce que porte le message :
annuaire-preferred-gone = La boîte préférée pour « { $kind } » n’est plus dans l’annuaire.
annuaire-preferred-gone-any = La boîte préférée n’est plus dans l’annuaire.
annuaire-preferred-gone-detail = { $address } : rien n’y part, ni ailleurs à sa place. Préférez une autre boîte, ou oubliez ce choix.
annuaire-preferred-forget = Oublier
annuaire-phone = Tél. { $number }
annuaire-api-ask = Vérifier auprès de l’Annuaire Santé
annuaire-api-asked = L’Annuaire Santé est interrogé…
annuaire-api-again = Réessayer
annuaire-api-active = En exercice d’après l’Annuaire Santé
annuaire-api-inactive = N’exerce plus d’après l’Annuaire Santé
annuaire-api-updated = Fiche mise à jour le { $date }.
annuaire-api-undated = Fiche sans date.
annuaire-api-nobody = L’Annuaire Santé ne connaît pas ce numéro RPPS.
annuaire-api-nobody-detail = La fiche du fichier est peut-être périmée : vérifiez avant d’écrire.
annuaire-api-address-gone = { $address } n’est plus dans l’Annuaire Santé.
annuaire-api-address-gone-detail = La boîte a pu être fermée ou passer en liste rouge depuis le fichier du jour.
annuaire-api-address-new = adresse nouvelle, absente du fichier
annuaire-ldap-ask = Chercher aussi sur { $server }
annuaire-ldap-asked = { $server } est interrogé…
annuaire-ldap-again = Réessayer
annuaire-ldap-nobody = { $server } : personne à ce nom non plus.
annuaire-ldap-more = { $server } en a d’autres : précisez la recherche.
annuaire-ldap-heading = Annuaire LDAP { $server }
annuaire-ldap-confirmed = aussi dans l’annuaire
annuaire-ldap-only = D’après { $server } seulement
annuaire-ldap-only-detail = L’annuaire national ne donne pas cette adresse à cette personne : vérifiez avant d’écrire.
annuaire-received = { $count ->
    [one] 1 message reçu, le { $date }
   *[other] { $count } messages reçus, le dernier le { $date }
}
annuaire-received-none = aucun message reçu
annuaire-sent = { $count ->
    [one] 1 envoyé, le { $date }
   *[other] { $count } envoyés, le dernier le { $date }
}
annuaire-sent-none = aucun envoyé
annuaire-note = Note
annuaire-note-hint = Visible par vous seul ; Entrée pour garder
annuaire-group-hint = Ajouter à un groupe : « RCP pneumo »
annuaire-leave = Retirer du groupe { $name }
# ma fiche
annuaire-flaw-not-listed = L’annuaire ne vous connaît pas.
annuaire-flaw-not-listed-advice = Si votre boîte n’est pas en liste rouge, demandez à votre opérateur MSSanté de la publier ; pour votre enregistrement, adressez-vous à votre Ordre.
annuaire-flaw-mailbox = { $address } n’est pas dans l’annuaire : vos confrères ne la trouvent pas.
annuaire-flaw-mailbox-advice = Elle est peut-être en liste rouge. Sinon, demandez à votre opérateur MSSanté de la publier.
annuaire-flaw-name = Le nom de l’annuaire n’est pas celui de votre carte ({ $card }).
annuaire-flaw-name-advice = Le nom d’exercice se corrige auprès de votre Ordre, qui met le RPPS à jour.
annuaire-flaw-specialty = L’annuaire ne donne pas votre spécialité : une recherche par spécialité ne vous trouve pas.
annuaire-flaw-specialty-advice = Faites-la enregistrer par votre Ordre, qui met le RPPS à jour.
annuaire-flaw-town = L’annuaire ne donne pas votre ville : une recherche avec une ville ne vous trouve pas.
annuaire-flaw-town-advice = Déclarez votre lieu d’exercice à votre Ordre, et rattachez votre boîte à votre structure auprès de votre opérateur MSSanté. Le fichier des lieux d’exercice, à charger dans les réglages, peut aussi le donner.

# lines of an extraction that cannot be used
annuaire-bad-fields = ligne { $line } : { $found } champs au lieu de { $expected }
annuaire-bad-too-long = ligne { $line } : trop longue
annuaire-bad-kind = ligne { $line } : type de boîte inconnu
annuaire-bad-address = ligne { $line } : adresse mal écrite
annuaire-bad-identifier = ligne { $line } : identifiant trop long
annuaire-bad-nameless = ligne { $line } : professionnel sans nom
