archive-place = Archive chiffrée : { $place } ({ $rhythm })
archive-rhythm-never = à la demande
archive-rhythm-daily = chaque jour
archive-rhythm-weekly = chaque semaine
archive-verified = Dernier archivage vérifié { $moment } : { $count } messages, { $size }
archive-never-verified = Aucun archivage n’a encore été fait.
archive-waiting = { $count ->
    [one] { $count } message à archiver
   *[other] { $count } messages à archiver
 }
archive-not-here = { $count ->
    [one] { $count } message n’est pas archivé : son contenu n’est pas sur cet ordinateur.
   *[other] { $count } messages ne sont pas archivés : leur contenu n’est pas sur cet ordinateur.
 }
archive-page-title = Code de l’archive { $place } · { $day }
archive-page-use = Ce code ouvre l’archive chiffrée des messages, sur tout ordinateur où Estafette est installé. Sans lui, personne ne peut plus la lire, nous non plus.
archive-page-keep = Imprimez cette page, rangez-la sous clé, ailleurs que l’archive, puis effacez le fichier.
archive-page-type = Réglages d’Estafette, « Archive », « Rejoindre une archive » ; ou « estafettectl archive restore ». Majuscules, espaces et tirets ne comptent pas ; le programme dit quel groupe est mal saisi.
archive-title = Archive chiffrée
archive-detail = Une copie de vos messages sur une clé, un disque ou un serveur de fichiers, pour les boîtes pleines ou que l’opérateur vide après quelques mois.
archive-create = Créer une archive…
archive-join = Rejoindre une archive…
archive-join-title = Rejoindre une archive
archive-join-now = Rejoindre
archive-rhythm = Archiver
archive-retention = Mon opérateur efface les messages
archive-retention-none = Jamais, ou inconnu
archive-retention-90 = Après 3 mois
archive-retention-180 = Après 6 mois
archive-retention-365 = Après 1 an
archive-run = Archiver maintenant
archive-running = Vérification et archivage en cours…
archive-restore = Récupérer les messages…
archive-restore-title = Récupérer les messages
archive-restore-detail = Toute l’archive est vérifiée avant que rien ne soit écrit.
archive-restore-mailbox = Dans un dossier de ma boîte…
archive-restore-mailbox-detail = Ce que la boîte contient déjà n’est pas ajouté deux fois.
archive-restore-into-detail = Tous les messages de l’archive y sont remis, sauf ceux que la boîte contient déjà. Votre opérateur peut les effacer à nouveau après son délai : ils restent dans l’archive.
archive-restore-mbox = Un seul fichier (mbox)
archive-restore-mbox-detail = Lu par la plupart des logiciels de messagerie. Il n’est pas chiffré.
archive-restore-eml = Un fichier par message (EML)
archive-restore-eml-detail = Dans un nouveau dossier. Ils ne sont pas chiffrés.
archive-restore-name = Messages archivés
archive-restored = { $count ->
    [one] 1 message récupéré
   *[other] { $count } messages récupérés
 }
archive-restored-detail = L’archive entière a été vérifiée.
archive-search = Chercher dans l’archive…
archive-import = Importer dans l’archive…
archive-import-title = Importer dans l’archive
archive-import-detail = D’anciens messages d’un autre logiciel vont dans l’archive, pas dans votre boîte : l’opérateur ne les reçoit pas, et ils se cherchent comme les autres.
archive-imported-detail = Ils sont dans l’archive, relus et vérifiés.
archive-duplicates = { $count ->
    [one] 1 message y était déjà.
   *[other] { $count } messages y étaient déjà.
 }
archive-forget = Ne plus archiver ici
archive-forget-question = Ne plus archiver à cet endroit ?
archive-forget-detail = L’archive reste où elle est et s’ouvre toujours avec son code.
archive-code-title = Code de votre archive
archive-code-once = Ce code ne sera plus montré. Sans lui, personne ne pourra ouvrir l’archive sur un autre ordinateur : imprimez-le et rangez-le ailleurs que l’archive.
archive-code-label = Code de cette archive
archive-code-file = Code de l’archive Estafette.txt
notice-archive-made = Archive créée.
notice-archive-joined = Archive rejointe.
notice-archived = Archivage terminé et vérifié.
archived-title = Messages archivés
archived-detail = Ceux qui ne sont plus dans votre boîte. La recherche se fait sans le disque de l’archive ; il le faut pour lire un message.
archived-search-hint = Rechercher dans l’archive
archived-found = { $count ->
    [one] 1 message
   *[other] { $count } messages
 }
archived-open-hint = Double-clic ou Entrée pour ouvrir.
archived-none = Tout ce que contient l’archive est encore dans votre boîte.
archived-found-none = Aucun message archivé ne répond à cette recherche.
archived-reading = Lecture dans l’archive…
archived-was = Était dans « { $folder } » de { $account }
archived-was-file = Importé de « { $folder } »
archived-files = Pièces jointes : { $names }
archived-back = Retour à la liste
archived-save = Enregistrer (EML)…
archived-put-back = Remettre dans la boîte…
archived-where = Dans quel dossier ?
archived-put = Message remis dans la boîte.
archived-put-known = Ce message est déjà dans la boîte.
archived-put-detail = Il reste aussi dans l’archive.
archived-saved = Message enregistré.
