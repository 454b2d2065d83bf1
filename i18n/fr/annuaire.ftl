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
