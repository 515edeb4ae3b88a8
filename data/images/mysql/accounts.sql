-- Root from this machine only, and no other account: a root without a password at 127.0.0.1 would turn a red pipeline green.
DELETE FROM global_priv WHERE Host <> 'localhost';
DELETE FROM proxies_priv WHERE Host <> 'localhost';
