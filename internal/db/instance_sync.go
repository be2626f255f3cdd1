package db

import (
	"context"
	"database/sql"
	"fmt"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
)

// SaveSync stores how the last refresh of sources went.
func (s Instances) SaveSync(ctx context.Context, all ...instance.Sync) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		for _, y := range all {
			_, err := tx.ExecContext(ctx,
				"INSERT INTO sync (account_id, source, ok_us, tried_us, trouble, code, said) VALUES ($1, $2, $3, $4, $5, $6, $7) "+
					"ON CONFLICT (account_id, source) DO UPDATE SET tried_us = excluded.tried_us, trouble = excluded.trouble, code = excluded.code, said = excluded.said, "+
					"ok_us = CASE WHEN excluded.ok_us > 0 THEN excluded.ok_us ELSE sync.ok_us END",
				y.AccountID, y.Source, micros(y.OKAt), micros(y.TriedAt), y.Trouble, y.Code, valuesText(y.Values))
			if err != nil {
				return fmt.Errorf("db: sync %s of %s: %w", y.Source, y.AccountID, err)
			}
		}
		return nil
	})
}

// Syncs gives the last refresh of every source of the accounts.
func (s Instances) Syncs(ctx context.Context, accountIDs []string) ([]instance.Sync, error) {
	var all []instance.Sync
	for _, id := range accountIDs {
		rows, err := s.DB.Read().QueryContext(ctx,
			"SELECT account_id, source, ok_us, tried_us, trouble, code, said FROM sync WHERE account_id = $1 ORDER BY source", id)
		if err != nil {
			return nil, fmt.Errorf("db: syncs of %s: %w", id, err)
		}
		if all, err = scanSyncs(rows, all); err != nil {
			return nil, fmt.Errorf("db: syncs of %s: %w", id, err)
		}
	}
	return all, nil
}

func scanSyncs(rows *sql.Rows, all []instance.Sync) ([]instance.Sync, error) {
	defer rows.Close()
	for rows.Next() {
		var y instance.Sync
		var ok, tried int64
		var said string
		if err := rows.Scan(&y.AccountID, &y.Source, &ok, &tried, &y.Trouble, &y.Code, &said); err != nil {
			return nil, err
		}
		if err := fromJSON(said, &y.Values); err != nil {
			return nil, err
		}
		y.OKAt, y.TriedAt = fromMicros(ok), fromMicros(tried)
		all = append(all, y)
	}
	return all, rows.Err()
}

// SaveImages replaces the images of one region.
func (s Instances) SaveImages(ctx context.Context, accountID, region string, images []catalog.PrivateImage) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM private_image WHERE account_id = $1 AND region = $2", accountID, region); err != nil {
			return fmt.Errorf("db: images of %s: %w", accountID, err)
		}
		for _, i := range images {
			_, err := tx.ExecContext(ctx, "INSERT INTO private_image (account_id, region, id, name, os, status, min_disk_gib) "+
				"VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, region, id) DO NOTHING",
				accountID, region, i.ID, i.Name, string(i.OS), i.Status, i.MinDiskGiB)
			if err != nil {
				return fmt.Errorf("db: images of %s: %w", accountID, err)
			}
		}
		return nil
	})
}

// Images gives the images of all regions, by region and name.
func (s Instances) Images(ctx context.Context, accountID string) ([]catalog.PrivateImage, error) {
	rows, err := s.DB.Read().QueryContext(ctx,
		"SELECT id, name, region, os, status, min_disk_gib FROM private_image WHERE account_id = $1 ORDER BY region, name, id", accountID)
	if err != nil {
		return nil, fmt.Errorf("db: images of %s: %w", accountID, err)
	}
	defer rows.Close()
	var all []catalog.PrivateImage
	for rows.Next() {
		var i catalog.PrivateImage
		var os string
		if err := rows.Scan(&i.ID, &i.Name, &i.Region, &os, &i.Status, &i.MinDiskGiB); err != nil {
			return nil, fmt.Errorf("db: images of %s: %w", accountID, err)
		}
		i.OS = catalog.OS(os)
		all = append(all, i)
	}
	return all, rows.Err()
}
