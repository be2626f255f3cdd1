package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// Instances is the instance.Store.
type Instances struct{ DB *DB }

const instanceColumns = "id, account_id, name, region, spec, image, address, state, task_state, frozen, server_id, server_name, package_id, " +
	"cloud_order, auto_renew, expires_us, created_us, seen_config_us, seen_ecs_us, seen_bss_us, updated_us, gone_us"

func scanInstance(row interface{ Scan(...any) error }) (instance.Instance, error) {
	var i instance.Instance
	var frozen, renew, expires, created, config, ecs, bss, updated, gone int64
	err := row.Scan(&i.ID, &i.AccountID, &i.Name, &i.Region, &i.Spec, &i.Image, &i.Address, &i.State, &i.TaskState, &frozen, &i.ServerID,
		&i.ServerName, &i.PackageID, &i.CloudOrder, &renew, &expires, &created, &config, &ecs, &bss, &updated, &gone)
	i.Frozen, i.AutoRenew = frozen != 0, renew != 0
	i.Expires, i.Created = fromMicros(expires), fromMicros(created)
	i.SeenConfig, i.SeenECS, i.SeenBSS = fromMicros(config), fromMicros(ecs), fromMicros(bss)
	i.UpdatedAt, i.GoneAt = fromMicros(updated), fromMicros(gone)
	return i, err
}

// scanInstances reads all rows and closes them.
func scanInstances(rows *sql.Rows) ([]instance.Instance, error) {
	defer rows.Close()
	var all []instance.Instance
	for rows.Next() {
		i, err := scanInstance(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// Instances gives every row of an account.
func (s Instances) Instances(ctx context.Context, accountID string) ([]instance.Instance, error) {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT "+instanceColumns+" FROM instance WHERE account_id = $1", accountID)
	if err != nil {
		return nil, fmt.Errorf("db: instances of %s: %w", accountID, err)
	}
	all, err := scanInstances(rows)
	if err != nil {
		return nil, fmt.Errorf("db: instances of %s: %w", accountID, err)
	}
	return all, nil
}

// Instance gives one row.
func (s Instances) Instance(ctx context.Context, id string) (instance.Instance, error) {
	i, err := scanInstance(s.DB.Read().QueryRowContext(ctx, "SELECT "+instanceColumns+" FROM instance WHERE id = $1 ORDER BY gone_us LIMIT 1", id))
	if errors.Is(err, sql.ErrNoRows) {
		return i, fault.New(fault.NotFound, "instance.missing")
	}
	if err != nil {
		return i, fmt.Errorf("db: instance %s: %w", id, err)
	}
	return i, nil
}

// batch is how many rows one transaction writes, so that a purchase that wants
// to write waits for milliseconds only.
const batch = 500

// Save stores changed rows whole and the times of sight of seen ones.
func (s Instances) Save(ctx context.Context, changed, seen []instance.Instance) error {
	for _, part := range []struct {
		rows  []instance.Instance
		write func(context.Context, *sql.Tx, []instance.Instance) error
	}{{changed, saveInstances}, {seen, saveSights}} {
		for rest := part.rows; len(rest) > 0; {
			n := min(batch, len(rest))
			if err := s.DB.Write(ctx, func(tx *sql.Tx) error { return part.write(ctx, tx, rest[:n]) }); err != nil {
				return fmt.Errorf("db: save instances: %w", err)
			}
			rest = rest[n:]
		}
	}
	return nil
}

func saveInstances(ctx context.Context, tx *sql.Tx, rows []instance.Instance) error {
	deleted, err := deletedAccounts(ctx, tx, rows)
	if err != nil {
		return err
	}
	put, err := tx.PrepareContext(ctx, "INSERT INTO instance ("+instanceColumns+", name_key, search, expires_key) VALUES ("+
		"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) "+
		"ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, region = excluded.region, spec = excluded.spec, image = excluded.image, "+
		"address = excluded.address, state = excluded.state, task_state = excluded.task_state, frozen = excluded.frozen, "+
		"server_id = excluded.server_id, server_name = excluded.server_name, package_id = excluded.package_id, cloud_order = excluded.cloud_order, "+
		"auto_renew = excluded.auto_renew, expires_us = excluded.expires_us, created_us = excluded.created_us, "+
		"seen_config_us = excluded.seen_config_us, seen_ecs_us = excluded.seen_ecs_us, seen_bss_us = excluded.seen_bss_us, "+
		"updated_us = excluded.updated_us, gone_us = excluded.gone_us, name_key = excluded.name_key, search = excluded.search, "+
		"expires_key = excluded.expires_key")
	if err != nil {
		return err
	}
	defer put.Close()
	for _, i := range rows {
		if deleted[i.AccountID] {
			continue
		}
		if _, err := put.ExecContext(ctx, i.ID, i.AccountID, i.Name, i.Region, i.Spec, i.Image, i.Address, i.State, i.TaskState, bit(i.Frozen),
			i.ServerID, i.ServerName, i.PackageID, i.CloudOrder, bit(i.AutoRenew), micros(i.Expires), micros(i.Created), micros(i.SeenConfig),
			micros(i.SeenECS), micros(i.SeenBSS), micros(i.UpdatedAt), micros(i.GoneAt), nameKey(i), searchText(i), expiresKey(i)); err != nil {
			return fmt.Errorf("instance %s: %w", i.ID, err)
		}
	}
	return nil
}

// deletedAccounts gives the accounts of the rows that were deleted while a
// refresh was under way: their picture must not come back.
func deletedAccounts(ctx context.Context, tx *sql.Tx, rows []instance.Instance) (map[string]bool, error) {
	deleted := make(map[string]bool)
	for _, i := range rows {
		if _, known := deleted[i.AccountID]; known {
			continue
		}
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM account WHERE id = $1 AND deleted_us > 0", i.AccountID).Scan(&n); err != nil {
			return nil, err
		}
		deleted[i.AccountID] = n > 0
	}
	return deleted, nil
}

func saveSights(ctx context.Context, tx *sql.Tx, rows []instance.Instance) error {
	put, err := tx.PrepareContext(ctx, "UPDATE instance SET seen_config_us = $3, seen_ecs_us = $4, seen_bss_us = $5 WHERE account_id = $1 AND id = $2")
	if err != nil {
		return err
	}
	defer put.Close()
	for _, i := range rows {
		if _, err := put.ExecContext(ctx, i.AccountID, i.ID, micros(i.SeenConfig), micros(i.SeenECS), micros(i.SeenBSS)); err != nil {
			return fmt.Errorf("instance %s: %w", i.ID, err)
		}
	}
	return nil
}

func nameKey(i instance.Instance) string { return labelKey(i.Name) }

func expiresKey(i instance.Instance) int64 {
	if i.Expires.IsZero() {
		return math.MaxInt64
	}
	return micros(i.Expires)
}

// searchText is what a search looks at, one word a line.
func searchText(i instance.Instance) string {
	return strings.ToLower(strings.Join([]string{i.Name, i.ServerName, i.Address, i.ID, i.ServerID, i.CloudOrder}, "\n"))
}

// Counts counts the rows that are not gone: one pass over an index that has
// all it asks for.
func (s Instances) Counts(ctx context.Context, accountIDs []string, soon time.Time) (instance.Counts, error) {
	c := instance.Counts{ByRegion: map[string]int{}, ByState: map[string]int{}}
	for _, id := range accountIDs {
		if err := s.countInto(ctx, &c, id, soon); err != nil {
			return c, fmt.Errorf("db: count instances: %w", err)
		}
	}
	return c, nil
}

func (s Instances) countInto(ctx context.Context, c *instance.Counts, accountID string, soon time.Time) error {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT region, state, COUNT(*), SUM(CASE WHEN auto_renew = 0 AND expires_key <= $2 THEN 1 ELSE 0 END) "+
		"FROM instance WHERE gone_us = 0 AND account_id = $1 GROUP BY region, state", accountID, micros(soon))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var region, state string
		var n, expiring int
		if err := rows.Scan(&region, &state, &n, &expiring); err != nil {
			return err
		}
		c.ByRegion[region] += n
		c.ByState[state] += n
		c.Total += n
		c.Expiring += expiring
	}
	return rows.Err()
}

// Names gives the names of an account's rows that are not gone.
func (s Instances) Names(ctx context.Context, accountID string) ([]string, error) {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT name FROM instance WHERE gone_us = 0 AND account_id = $1 AND name <> '' ORDER BY name_key, id", accountID)
	if err != nil {
		return nil, fmt.Errorf("db: names of %s: %w", accountID, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("db: names of %s: %w", accountID, err)
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// NameTaken reports whether a row that is not gone has the name.
func (s Instances) NameTaken(ctx context.Context, accountID, name string) (bool, error) {
	var n int
	err := s.DB.Read().QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM instance WHERE gone_us = 0 AND account_id = $1 AND name_key = $2 LIMIT 1) AS one",
		accountID, labelKey(name)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("db: name in %s: %w", accountID, err)
	}
	return n > 0, nil
}

// Unready gives the orders whose rows lack server or address.
func (s Instances) Unready(ctx context.Context, since time.Time) ([]instance.Pending, error) {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT DISTINCT account_id, cloud_order FROM instance "+
		"WHERE gone_us = 0 AND cloud_order <> '' AND created_us >= $1 AND (address = '' OR seen_ecs_us = 0) ORDER BY account_id, cloud_order", micros(since))
	if err != nil {
		return nil, fmt.Errorf("db: orders to watch: %w", err)
	}
	defer rows.Close()
	var all []instance.Pending
	for rows.Next() {
		var p instance.Pending
		if err := rows.Scan(&p.AccountID, &p.CloudOrder); err != nil {
			return nil, fmt.Errorf("db: orders to watch: %w", err)
		}
		all = append(all, p)
	}
	return all, rows.Err()
}
