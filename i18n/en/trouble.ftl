# Health of the program.
trouble-title = Health
trouble-all-well = All is well.
trouble-accounts = Mailboxes
trouble-last-success = Last complete synchronisation { $moment }
trouble-never = Not synchronised yet
trouble-counts = { $downloaded } complete messages of { $messages }
trouble-pending = { $count ->
    [0] nothing to pass on to the server
    [one] { $count } change to pass on to the server
   *[other] { $count } changes to pass on to the server
 }
trouble-connection-idle = not connected
trouble-connection-working = synchronising
trouble-connection-up-to-date = up to date
trouble-connection-waiting = waiting to retry
trouble-outbox = Sendings
trouble-waiting = { $count ->
    [0] no message waiting
    [one] { $count } message waiting
   *[other] { $count } messages waiting
 }
trouble-refused = { $count ->
    [0] no message refused
    [one] { $count } message refused or to be decided
   *[other] { $count } messages refused or to be decided
 }
trouble-undelivered = { $count ->
    [one] { $count } message not delivered to a recipient
   *[other] { $count } messages not delivered to a recipient
 }
trouble-see-sendings = Show the sendings
trouble-card = Card and reader
trouble-readers = Readers: { $names }
trouble-no-readers = No reader seen
trouble-module = Card software: { $path }
trouble-no-module = Card software not found
trouble-copy = Copy the diagnosis
trouble-copy-detail = The copied diagnosis holds no name, no address and no subject.
trouble-refresh = Refresh
trouble-card-ok = Card read, PIN verified
trouble-card-locked = Card read, PIN to be typed
trouble-connected = connected since { $moment }
trouble-unfold = Details
trouble-fold = Fold
trouble-try-now = Try again now
trouble-trying = In progress…
trouble-compare-now = Compare again
trouble-differs = { $count ->
    [one] The message counts of one folder differ from the server’s.
   *[other] The message counts of { $count } folders differ from the server’s.
 }
trouble-differs-detail = Comparing again usually settles it. If they still differ, copy the diagnosis and send it to your support.
trouble-incomplete = Not every message is downloaded.
trouble-download-all = Download all
trouble-connections = { $count ->
    [0] No connection open
    [one] { $count } connection open
   *[other] { $count } connections open
 }
trouble-quota = Room on the server: { $quota }, read { $moment }
trouble-no-quota = The server does not tell how much room is used.
trouble-change-flag = { $count ->
    [one] { $count } mark (read, flag) to pass on
   *[other] { $count } marks (read, flag) to pass on
 }
trouble-change-keyword = { $count ->
    [one] { $count } label to pass on
   *[other] { $count } labels to pass on
 }
trouble-change-move = { $count ->
    [one] { $count } move to pass on
   *[other] { $count } moves to pass on
 }
trouble-change-copy = { $count ->
    [one] { $count } copy to pass on
   *[other] { $count } copies to pass on
 }
trouble-change-append = { $count ->
    [one] { $count } imported message to hand over
   *[other] { $count } imported messages to hand over
 }
trouble-change-delete = { $count ->
    [one] { $count } deletion to pass on
   *[other] { $count } deletions to pass on
 }
trouble-change-create = { $count ->
    [one] { $count } folder to create
   *[other] { $count } folders to create
 }
trouble-change-rename = { $count ->
    [one] { $count } folder to rename
   *[other] { $count } folders to rename
 }
trouble-change-remove = { $count ->
    [one] { $count } folder to remove
   *[other] { $count } folders to remove
 }
trouble-searched = A search covers the text of { $searched } messages of { $messages }, and the header of all.
trouble-attachments = { $count ->
    [one] { $count } message has attachments: the text of PDF, CDA, HPRIM, RTF and archives is searched; of pictures and office documents the name only.
   *[other] { $count } messages have attachments: the text of PDF, CDA, HPRIM, RTF and archives is searched; of pictures and office documents the name only.
 }
trouble-folder = Folder
trouble-here = Here
trouble-server = Server
trouble-compared = Compared
trouble-not-compared = not yet
trouble-count-unread = { $total } ({ $unread } unread)
trouble-sendings-queued = { $count ->
    [one] { $count } message waiting
   *[other] { $count } messages waiting
 }
trouble-sendings-sending = { $count ->
    [one] { $count } message being sent
   *[other] { $count } messages being sent
 }
trouble-sendings-unfiled = { $count ->
    [one] { $count } message sent, copy to file
   *[other] { $count } messages sent, copies to file
 }
trouble-sendings-refused = { $count ->
    [one] { $count } message refused
   *[other] { $count } messages refused
 }
trouble-sendings-needs-user = { $count ->
    [one] { $count } message to decide on
   *[other] { $count } messages to decide on
 }
trouble-store = On this computer
trouble-store-size = { $size } used
trouble-store-checked = checked { $moment }, sound
trouble-store-unchecked = not checked yet
trouble-store-check = Check now
trouble-store-checking = Checking…
