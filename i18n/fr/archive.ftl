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
archive-restore-detail = Toute l’archive est vérifiée avant que rien ne soit écrit. Les fichiers récupérés ne sont pas chiffrés ; ils peuvent être importés dans un dossier de votre boîte.
archive-restore-mbox = Un seul fichier (mbox)
archive-restore-eml = Un fichier par message (EML)
archive-restore-name = Messages archivés
archive-restored = { $count ->
    [one] 1 message récupéré
   *[other] { $count } messages récupérés
 }
archive-restored-detail = L’archive entière a été vérifiée.
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
