# Health of the program.
trouble-title = État
trouble-all-well = Tout va bien.
trouble-accounts = Boîtes
trouble-last-success = Dernière synchronisation complète { $moment }
trouble-never = Pas encore synchronisée
trouble-counts = { $downloaded } messages complets sur { $messages }
trouble-pending = { $count ->
    [0] rien à transmettre au serveur
    [one] { $count } changement à transmettre au serveur
   *[other] { $count } changements à transmettre au serveur
 }
trouble-connection-idle = non connectée
trouble-connection-working = synchronisation en cours
trouble-connection-up-to-date = à jour
trouble-connection-waiting = en attente d’un nouvel essai
trouble-outbox = Envois
trouble-waiting = { $count ->
    [0] aucun envoi en attente
    [one] { $count } envoi en attente
   *[other] { $count } envois en attente
 }
trouble-refused = { $count ->
    [0] aucun envoi refusé
    [one] { $count } envoi refusé ou à décider
   *[other] { $count } envois refusés ou à décider
 }
trouble-undelivered = { $count ->
    [one] { $count } message non remis à un destinataire
   *[other] { $count } messages non remis à un destinataire
 }
trouble-see-sendings = Voir les envois
trouble-card = Carte et lecteur
trouble-readers = Lecteurs : { $names }
trouble-no-readers = Aucun lecteur vu
trouble-module = Logiciel de la carte : { $path }
trouble-no-module = Logiciel de la carte introuvable
trouble-copy = Copier le diagnostic
trouble-copy-detail = Le diagnostic copié ne contient ni nom, ni adresse, ni objet de message.
trouble-refresh = Actualiser
trouble-card-ok = Carte lue, code vérifié
trouble-card-locked = Carte lue, code à saisir
trouble-connected = connectée depuis { $moment }
trouble-unfold = Détails
trouble-fold = Replier
trouble-try-now = Réessayer maintenant
trouble-trying = En cours…
trouble-compare-now = Comparer de nouveau
trouble-differs = { $count ->
    [one] Les nombres de messages d’un dossier diffèrent de ceux du serveur.
   *[other] Les nombres de messages de { $count } dossiers diffèrent de ceux du serveur.
 }
trouble-differs-detail = Une nouvelle comparaison les rétablit d’ordinaire. S’ils diffèrent encore, copiez le diagnostic et transmettez-le à votre assistance.
trouble-incomplete = Tous les messages ne sont pas téléchargés.
trouble-download-all = Tout télécharger
trouble-connections = { $count ->
    [0] Aucune connexion ouverte
    [one] { $count } connexion ouverte
   *[other] { $count } connexions ouvertes
 }
trouble-quota = Espace sur le serveur : { $quota }, relevé { $moment }
trouble-no-quota = Le serveur n’indique pas l’espace occupé.
trouble-change-flag = { $count ->
    [one] { $count } marque (lu, drapeau) à transmettre
   *[other] { $count } marques (lu, drapeau) à transmettre
 }
trouble-change-keyword = { $count ->
    [one] { $count } étiquette à transmettre
   *[other] { $count } étiquettes à transmettre
 }
trouble-change-move = { $count ->
    [one] { $count } déplacement à transmettre
   *[other] { $count } déplacements à transmettre
 }
trouble-change-copy = { $count ->
    [one] { $count } copie à transmettre
   *[other] { $count } copies à transmettre
 }
trouble-change-append = { $count ->
    [one] { $count } message importé à transmettre
   *[other] { $count } messages importés à transmettre
 }
trouble-change-delete = { $count ->
    [one] { $count } suppression à transmettre
   *[other] { $count } suppressions à transmettre
 }
trouble-change-create = { $count ->
    [one] { $count } dossier à créer
   *[other] { $count } dossiers à créer
 }
trouble-change-rename = { $count ->
    [one] { $count } dossier à renommer
   *[other] { $count } dossiers à renommer
 }
trouble-change-remove = { $count ->
    [one] { $count } dossier à supprimer
   *[other] { $count } dossiers à supprimer
 }
trouble-searched = La recherche porte sur le texte de { $searched } messages sur { $messages }, et sur l’en-tête de tous.
trouble-attachments = { $count ->
    [one] { $count } message a des pièces jointes : le texte des PDF, CDA, HPRIM, RTF et archives est cherché ; des images et documents bureautiques, le nom seulement.
   *[other] { $count } messages ont des pièces jointes : le texte des PDF, CDA, HPRIM, RTF et archives est cherché ; des images et documents bureautiques, le nom seulement.
 }
trouble-folder = Dossier
trouble-here = Ici
trouble-server = Serveur
trouble-compared = Comparé
trouble-not-compared = pas encore
trouble-count-unread = { $total } ({ $unread } non lus)
trouble-sendings-queued = { $count ->
    [one] { $count } envoi en attente
   *[other] { $count } envois en attente
 }
trouble-sendings-sending = { $count ->
    [one] { $count } envoi en cours
   *[other] { $count } envois en cours
 }
trouble-sendings-unfiled = { $count ->
    [one] { $count } message envoyé, copie à classer
   *[other] { $count } messages envoyés, copies à classer
 }
trouble-sendings-refused = { $count ->
    [one] { $count } envoi refusé
   *[other] { $count } envois refusés
 }
trouble-sendings-needs-user = { $count ->
    [one] { $count } envoi à décider
   *[other] { $count } envois à décider
 }
trouble-store = Sur cet ordinateur
trouble-store-size = { $size } occupés
trouble-store-checked = contrôlé { $moment }, intact
trouble-store-unchecked = pas encore contrôlé
trouble-store-check = Contrôler maintenant
trouble-store-checking = Contrôle en cours…
