archive-place = Encrypted archive: { $place } ({ $rhythm })
archive-rhythm-never = when asked
archive-rhythm-daily = every day
archive-rhythm-weekly = every week
archive-verified = Last verified archiving { $moment }: { $count } messages, { $size }
archive-never-verified = Nothing has been archived yet.
archive-waiting = { $count ->
    [one] { $count } message to archive
   *[other] { $count } messages to archive
 }
archive-not-here = { $count ->
    [one] { $count } message is not archived: its content is not on this computer.
   *[other] { $count } messages are not archived: their content is not on this computer.
 }
archive-page-title = Code of the archive { $place } · { $day }
archive-page-use = This code opens the encrypted archive of messages, on any computer with Estafette. Without it nobody can read it any more, and neither can we.
archive-page-keep = Print this page, lock it away from the archive, then delete the file.
archive-page-type = Estafette’s settings, “Archive”, “Join an archive”; or “estafettectl archive restore”. Capitals, spaces and hyphens do not matter; the program says which group is mistyped.
archive-title = Encrypted archive
archive-detail = A copy of your messages on a stick, a disk or a file server, for mailboxes that are full or that the operator empties after some months.
archive-create = Make an archive…
archive-join = Join an archive…
archive-join-title = Join an archive
archive-join-now = Join
archive-rhythm = Archive
archive-retention = My operator deletes messages
archive-retention-none = Never, or unknown
archive-retention-90 = After 3 months
archive-retention-180 = After 6 months
archive-retention-365 = After 1 year
archive-run = Archive now
archive-running = Verifying and archiving…
archive-restore = Get messages back…
archive-restore-title = Get messages back
archive-restore-detail = The whole archive is verified before anything is written.
archive-restore-mailbox = Into a folder of my mailbox…
archive-restore-mailbox-detail = What the mailbox has already is not added twice.
archive-restore-into-detail = All messages of the archive are put there, but for those the mailbox has already. Your operator may delete them again after its time: they stay in the archive.
archive-restore-mbox = One file (mbox)
archive-restore-mbox-detail = Read by most mail programs. It is not encrypted.
archive-restore-eml = A file for each message (EML)
archive-restore-eml-detail = In a new folder. They are not encrypted.
archive-restore-name = Archived messages
archive-restored = { $count ->
    [one] 1 message recovered
   *[other] { $count } messages recovered
 }
archive-restored-detail = The whole archive was verified.
archive-search = Search the archive…
archive-import = Import into the archive…
archive-import-title = Import into the archive
archive-import-detail = Old messages of another program go into the archive, not into your mailbox: the operator does not get them, and they are found like the others.
archive-imported-detail = They are in the archive, read back and verified.
archive-duplicates = { $count ->
    [one] 1 message was in it already.
   *[other] { $count } messages were in it already.
 }
archive-forget = Archive here no more
archive-forget-question = Archive there no more?
archive-forget-detail = The archive stays where it is and still opens with its code.
archive-code-title = Code of your archive
archive-code-once = This code is not shown again. Without it nobody can open the archive on another computer: print it and keep it away from the archive.
archive-code-label = Code of this archive
archive-code-file = Estafette archive code.txt
notice-archive-made = Archive made.
notice-archive-joined = Archive joined.
notice-archived = Archived and verified.
archived-title = Archived messages
archived-detail = Those that are no longer in your mailbox. Searching needs no disk; reading a message needs the archive’s.
archived-search-hint = Search the archive
archived-found = { $count ->
    [one] 1 message
   *[other] { $count } messages
 }
archived-open-hint = Double-click or Enter to open.
archived-none = Everything in the archive is still in your mailbox.
archived-found-none = No archived message answers this search.
archived-reading = Reading from the archive…
archived-was = Was in “{ $folder }” of { $account }
archived-was-file = Imported from “{ $folder }”
archived-files = Attachments: { $names }
archived-back = Back to the list
archived-save = Save (EML)…
archived-put-back = Put back into the mailbox…
archived-where = Into which folder?
archived-put = The message is back in the mailbox.
archived-put-known = The mailbox has this message already.
archived-put-detail = It stays in the archive, too.
archived-saved = Message saved.
