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
