# sendings
