# The main window, commands, dates, sizes.
app-name = Estafette
app-practice = MODE DÉCOUVERTE — données fictives
app-offline = Lecture hors ligne — rien n’est envoyé ni reçu
app-unlock = Saisir le code
app-mailbox = Boîte
app-annuaire = Annuaire
app-patients = Patients
app-sendings = Envois
app-settings = Réglages
app-trouble = État
app-status-up-to-date = À jour à { $hour }
app-status-working = Synchronisation en cours
app-status-waiting = Hors connexion, nouvel essai automatique
app-status-wanted = En attente de votre connexion
app-status-idle = Pas encore connecté
app-status-messages = { $count } messages
app-status-pending = { $count ->
    [one] { $count } envoi en attente
   *[other] { $count } envois en attente
 }
app-status-quota = boîte remplie à { $percent } %
app-status-refused = { $count ->
    [one] { $count } envoi refusé
   *[other] { $count } envois refusés
 }
app-card-in = carte insérée
app-card-out = carte absente
app-arrived = { $count ->
    [one] Nouveau message MSSanté
   *[other] { $count } nouveaux messages MSSanté
 }
app-arrived-show = Afficher
app-close = Fermer
app-undo = Annuler
app-help = aide
app-help-title = Raccourcis clavier
app-help-detail = Tabulation passe d’un élément à l’autre ; Entrée ou Espace l’active.
app-start-failed = Estafette n’a pas pu démarrer
app-retry = Réessayer
psc-page-done = Connexion réussie
psc-page-failed = La connexion n’a pas abouti
psc-page-advice = Vous pouvez fermer cette page et revenir à Estafette.
app-composer-title = Nouveau message
app-reply-attribution = Le { $day } à { $hour }, { $name } a écrit :
app-forward-attribution = Message transféré — { $name }, le { $day } à { $hour } :
notice-saved = Brouillon enregistré
notice-queued = Message confié à l’envoi
notice-cancelled = Envoi annulé, le message est revenu dans les brouillons
notice-locked = Messagerie verrouillée
notice-copied = Copié
notice-synced = À jour

cmd-new = Nouveau message
cmd-reply = Répondre
cmd-reply-all = Répondre à tous
cmd-forward = Transférer
cmd-delete = Supprimer
cmd-toggle-seen = Marquer lu ou non lu
cmd-toggle-flag = Mettre ou ôter un drapeau
cmd-print = Imprimer
cmd-export = Exporter
cmd-source = Voir la source
cmd-search = Rechercher un message
cmd-find = Chercher dans le message
cmd-find-next = Occurrence suivante
cmd-find-previous = Occurrence précédente
cmd-annuaire = Ouvrir l’annuaire
cmd-send = Envoyer
cmd-attach = Joindre un fichier
cmd-other-mailbox = Écrire à une autre boîte du destinataire
cmd-cancel-sending = Annuler l’envoi
cmd-sync = Relever le courrier
cmd-go-mailbox = Aller à la boîte
cmd-go-patients = Aller aux patients
cmd-go-annuaire = Aller à l’annuaire
cmd-go-sendings = Aller aux envois
cmd-go-trouble = Aller à l’état
cmd-go-settings = Aller aux réglages
cmd-text-larger = Agrandir le texte
cmd-text-smaller = Réduire le texte
cmd-fit-width = Page en pleine largeur
cmd-lock = Verrouiller
cmd-help = Afficher les raccourcis
cmd-back = Revenir, fermer

key-shift = Maj
key-enter = Entrée
key-delete = Suppr
key-escape = Échap

folder-inbox = Réception
folder-drafts = Brouillons
folder-sent = Envoyés
folder-archive = Archives
folder-junk = Indésirables
folder-trash = Corbeille

date-yesterday = hier
date-today-at = aujourd’hui à { $hour }
date-yesterday-at = hier à { $hour }
date-day-at = le { $day } à { $hour }

size-bytes = { $n } octets
size-kilo = { $n } Ko
size-mega = { $n } Mo
size-giga = { $n } Go
notice-undone = Annulé : les messages sont revenus
notice-moved = { $count ->
    [one] 1 message déplacé
   *[other] { $count } messages déplacés
 }
notice-deleted = { $count ->
    [one] 1 message supprimé
   *[other] { $count } messages supprimés
 }
notice-deleted-for-good = { $count ->
    [one] 1 message supprimé définitivement
   *[other] { $count } messages supprimés définitivement
 }
cmd-undo = Annuler la suppression ou le déplacement

missing-coming = { $count ->
    [one] 1 message pas encore téléchargé
   *[other] { $count } messages pas encore téléchargés
}
missing-large = { $count ->
    [one] 1 message volumineux à télécharger à la demande ({ $size })
   *[other] { $count } messages volumineux à télécharger à la demande ({ $size })
}
missing-failed = { $count ->
    [one] 1 message que le serveur n’a pas pu fournir
   *[other] { $count } messages que le serveur n’a pas pu fournir
}
missing-too-large = { $count ->
    [one] 1 message trop grand pour ce logiciel
   *[other] { $count } messages trop grands pour ce logiciel
}
missing-unindexed = { $count ->
    [one] 1 message à relire pour la recherche
   *[other] { $count } messages à relire pour la recherche
}
missing-searched = Contenu non cherché : { $missing }.
missing-searched-of = Contenu non cherché dans { $address } : { $missing }.

quota-used = { $used } utilisés sur { $allowed } ({ $percent } %)
