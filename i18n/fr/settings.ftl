# Settings.
settings-title = Réglages
settings-language = Langue
settings-theme = Apparence
settings-theme-light = Claire
settings-theme-dark = Sombre
settings-theme-system = Comme le système
settings-text-size = Taille du texte
settings-percent = { $n } %
settings-send-delay = Délai pour annuler un envoi
settings-seconds = { $n } s
settings-minutes = { $n } min
settings-idle = Verrouiller sans activité après
settings-no-delay = aucun
settings-next-start = Pris en compte au prochain démarrage.
settings-card = Carte
settings-module = Emplacement du logiciel de la carte (vide : recherche automatique)
settings-module-default = recherche automatique
settings-accounts = Boîtes
settings-accounts-none = Aucune boîte n’est configurée.
settings-account-check = Vérifier
settings-account-remove = Retirer
settings-account-remove-question = Retirer { $address } de cet ordinateur ?
settings-account-remove-detail = Ses messages et brouillons seront effacés de cet ordinateur. Rien n’est effacé sur le serveur.
settings-account-checking = Vérification…
settings-account-ok = Lecture et envoi fonctionnent ({ $imap } s, { $smtp } s).
settings-auth-card = carte CPS
settings-auth-password = mot de passe
settings-auth-psc = Pro Santé Connect
settings-auth-certificate = certificat logiciel
settings-annuaire = Annuaire
settings-annuaire-none = L’annuaire n’est pas chargé.
settings-annuaire-loaded = { $people } correspondants, { $mailboxes } adresses
settings-annuaire-date = données du { $date }
settings-annuaire-imported = chargé { $moment }
settings-annuaire-bad = { $count ->
    [one] { $count } ligne illisible
   *[other] { $count } lignes illisibles
 }
settings-annuaire-url = Adresse internet de l’extraction
settings-annuaire-file = Charger un fichier…
settings-annuaire-download = Télécharger
settings-annuaire-loading = Chargement en cours. L’ancien annuaire sert jusqu’à la fin.
settings-cancel = Annuler
