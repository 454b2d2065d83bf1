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
