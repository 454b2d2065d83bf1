# patients
patient-title = Patients
patient-search-hint = Nom, date de naissance ou INS…
patient-all = Tous
patient-to-attach = À rattacher ({ $count })
patient-waiting = { $count ->
    [one] 1 message à rattacher à un patient
   *[other] { $count } messages à rattacher à un patient
}
patient-count = { $count ->
    [0] Aucun patient
    [one] 1 patient
   *[other] { $count } patients
}
patient-shown-of = { $shown } affichés sur { $total } : précisez la recherche
patient-messages = { $count ->
    [0] aucun message
    [one] 1 message
   *[other] { $count } messages
}
patient-empty = Aucun patient pour l’instant
patient-empty-detail = Les patients apparaissent ici à la lecture des documents que vos confrères envoient.
patient-not-found = Aucun patient trouvé
patient-not-found-detail = Essayez le début d’un nom, une date comme 26/11/1978, ou les premiers chiffres de l’INS.
patient-choose = Aucun patient choisi
patient-choose-detail = Choisissez un patient dans la liste pour voir ses messages et ses documents.
patient-nothing-waits = Rien à rattacher
patient-nothing-waits-detail = Tous les documents ont trouvé leur patient, ou ont été laissés de côté.
patient-none = sans patient
patient-born-unknown = date de naissance inconnue
patient-no-ins = sans INS
patient-ins = INS reçu { $ins }
patient-birth-place = lieu de naissance { $code }
patient-conflict = Même INS qu’un autre patient
patient-conflict-detail = Un autre patient a cet INS avec d’autres traits : l’une des deux identités est fausse. Comparez avant de classer.
patient-contradiction = contradiction
patient-mention-conflict = Le message se contredit sur son patient
patient-mention-conflict-detail = Les métadonnées, le document et l’objet ne nomment pas la même personne. Comparez avant de rattacher.
patient-merged = Réuni avec { $name }
patient-part = Séparer
patient-export = Exporter…
patient-merge = Réunir avec…
patient-merge-title = Réunir deux patients
patient-merge-detail = Choisissez dans la liste le patient avec lequel réunir { $name }. Les deux historiques seront montrés ensemble ; cela peut être annulé.
patient-merge-yes = Réunir
patient-merge-into = Réunir { $from } avec { $into } ?
patient-merge-stop = Ne pas réunir
patient-parted = Patients séparés
patient-merge-done = Patients réunis
patient-filter-all = Tout
patient-filter-biology = Biologie
patient-filter-reports = Comptes rendus
patient-filter-prescriptions = Prescriptions
patient-filter-imaging = Imagerie
patient-filter-others = Autres
patient-filter-values = Résultats dans le temps
patient-entries-none = Aucun message de ce type
patient-entries-more = Seuls les messages les plus récents sont affichés.
patient-values-none = Aucun résultat chiffré
patient-values-none-detail = Les analyses de biologie de ce patient s’afficheront ici, chaque unité à part.
patient-open = Ouvrir le message
patient-page = Fiche du patient
patient-detach = Détacher
patient-detached = Détaché : le message est de nouveau à rattacher
patient-attach = Rattacher
patient-attach-here = C’est ce patient
patient-attach-alike = Rattacher aussi { $count ->
    [one] l’autre message qui le nomme de façon identique
   *[other] les { $count } autres messages qui le nomment de façon identique
}
patient-new = Nouveau patient
patient-leave = Laisser sans patient
patient-left = Laissé sans patient
patient-attached = Rattaché
patient-created = Patient créé
patient-named = Dans le message
patient-known = Patient connu
patient-candidates-none = Aucun patient connu ne ressemble à celui-ci.
patient-by-hand = rattaché par vous
patient-like-same = même identité
patient-like-same-ins = même INS, autres traits
patient-like-same-traits = mêmes traits, sans INS
patient-like-other-ins = autre INS
patient-like-names-swapped = noms intervertis
patient-like-near-date = date de naissance voisine
patient-like-near-name = nom voisin
patient-like-subject = nommé dans l’objet
patient-trait-birth-name = Nom de naissance
patient-trait-used-name = Nom utilisé
patient-trait-first-name = Prénoms
patient-trait-birth-date = Date de naissance
patient-trait-sex = Sexe
patient-trait-birth-place = Lieu de naissance
patient-trait-ins = INS reçu
patient-trait-differs = différent
patient-replaces = Ce document annonce qu’il annule et remplace « { $title } » du { $date }
patient-replaced-by = « { $title } » du { $date } annonce qu’il annule et remplace ce document
patient-replaces-done = Annule et remplace « { $title } » du { $date }
patient-replaced-done = Document remplacé par « { $title } » du { $date }
patient-replace-detail = Rien n’est supprimé : l’ancien document reste lisible, marqué comme remplacé.
patient-replace-other-sender = L’expéditeur n’est pas le même que celui de l’ancien document.
patient-replace-other-patient = Les deux documents ne sont pas rattachés au même patient.
patient-replace-yes = Oui, il remplace
patient-replace-no = Non, garder les deux
patient-replace-undo = Annuler le remplacement
patient-replace-open = Voir l’autre document
patient-replaced = remplacé
patient-previous = Antérieurs
patient-trend-range = { $count } valeurs du { $first } au { $last }
patient-trend-last = dernière valeur
# states of messages
triage-to-do = à traiter
triage-to-file = à classer
triage-to-read = à lire
triage-filed = classé
triage-none = Sans état
triage-menu = État
triage-all = Tous les états
triage-here-only = sur ce poste seulement
triage-here-only-detail = Le serveur de cette boîte ne conserve pas les états : les autres postes ne le voient pas.
triage-set-to-do = Marquer à traiter
triage-set-to-file = Marquer à classer
triage-set-to-read = Marquer à lire
triage-set-filed = Marquer classé
triage-empty = Aucun message dans cet état
triage-empty-detail = Choisissez « Tous les états » pour revoir le dossier entier.
