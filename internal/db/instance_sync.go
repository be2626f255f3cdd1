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
	var syncs []instance.Sync
	for _, id := range accountIDs {
		found, err := all(ctx, s.DB, scanSync,
			"SELECT account_id, source, ok_us, tried_us, trouble, code, said FROM sync WHERE account_id = $1 ORDER BY source", id)
		if err != nil {
			return nil, fmt.Errorf("db: syncs of %s: %w", id, err)
		}
		syncs = append(syncs, found...)
	}
	return syncs, nil
}

func scanSync(row scanner) (instance.Sync, error) {
	var y instance.Sync
	var ok, tried int64
	var said string
	if err := row.Scan(&y.AccountID, &y.Source, &ok, &tried, &y.Trouble, &y.Code, &said); err != nil {
		return y, err
	}
	y.OKAt, y.TriedAt = fromMicros(ok), fromMicros(tried)
	err := fromJSON(said, &y.Values)
	return y, err
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
	images, err := all(ctx, s.DB, func(row scanner) (catalog.PrivateImage, error) {
		var i catalog.PrivateImage
		err := row.Scan(&i.ID, &i.Name, &i.Region, &i.OS, &i.Status, &i.MinDiskGiB)
		return i, err
	}, "SELECT id, name, region, os, status, min_disk_gib FROM private_image WHERE account_id = $1 ORDER BY region, name, id", accountID)
	if err != nil {
		return nil, fmt.Errorf("db: images of %s: %w", accountID, err)
	}
	return images, nil
}
