package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/cloud/control"
	"sampan/internal/db"
)

// openWithoutKey opens a database whose key file is lost (reliability.md §8): what the
// lost key sealed is dropped, everything else stays. The key file that is there, or a
// new one, is used from now on. When the key fits, nothing is changed and the start
// ends: so the setting does no harm when it is left set.
//
// The directory is locked first: a key file is made only when no console is running.
func (a *App) openWithoutKey(ctx context.Context) (*seal.Keyring, error) {
	o := a.storeOptions(nil)
	if _, err := os.Stat(o.Path); err != nil {
		return nil, fmt.Errorf("there is no database in %s whose key could be lost: start without CONSOLE_KEY_LOST", a.cfg.DataDir)
	}
	var err error
	if a.lock, err = db.LockDir(filepath.Dir(o.Path)); err != nil {
		return nil, err
	}
	keyring, err := seal.OpenKeyring(a.cfg.MasterKeyFile, true)
	if err != nil {
		return nil, fmt.Errorf("%w. If no copy is left, move the file away and start once more", err)
	}
	o.Lock, o.Keyring, o.KeyLost = a.lock, keyring, true
	a.db, err = db.Open(ctx, o)
	if errors.Is(err, db.ErrKeyFits) {
		return nil, errors.New("the key file fits this database, so nothing is lost: start without CONSOLE_KEY_LOST")
	}
	return keyring, err
}

// reenterSandbox gives accounts of the Sandbox their key again after a lost key
// file: no person has ever seen it. What fails stays to be entered again.
func (a *App) reenterSandbox(ctx context.Context, control *control.Client) {
	if !a.cfg.KeyLost || control == nil {
		return
	}
	known, err := control.Accounts(ctx)
	if err != nil {
		a.log.WarnContext(ctx, "keys of the Sandbox not read", "err", err)
		return
	}
	all, err := a.accounts.List(ctx, person.System)
	if err != nil {
		a.log.ErrorContext(ctx, "accounts not read", "err", err)
		return
	}
	for _, c := range all {
		for _, k := range known {
			if !c.Sandbox() || c.Credential != account.ByKey || !strings.HasSuffix(k.AccessKey, c.KeyHint) {
				continue
			}
			f := account.Form{Credential: account.ByKey, KeyID: k.AccessKey, KeySecret: k.Key().Secret}
			if err := a.accounts.ReplaceKey(ctx, person.System, c.ID, f); err != nil {
				a.log.WarnContext(ctx, "key of the Sandbox not stored", "account", c.ID, "err", err)
			}
			break
		}
	}
}
