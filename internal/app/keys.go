package app

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/seal"
	"yanlu/internal/store"
)

// KeyCheck is the one row that knows the keys of an installation: a word that
// was sealed and digested with them.
type KeyCheck struct {
	ID     int `gorm:"primaryKey;autoIncrement:false"`
	Sealed []byte
	Digest string
}

// errOtherKeys is a configuration whose keys are not those of the database.
var errOtherKeys = errors.New("keys.encryption or keys.lookup are not those that this database was written with: find the right keys; new data under other keys would be lost with them")

const keyWord, keyPurpose = "yanlu", "key_checks"

// checkKeys refuses to run with other keys than those of the database, and
// leaves the mark of the keys in a database that has none yet.
func checkKeys(ctx context.Context, db *store.DB, keeper *seal.Keeper) error {
	row, err := gorm.G[KeyCheck](db.Gorm(ctx)).Where("id = 1").First(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return markKeys(ctx, db, keeper)
	}
	if err != nil {
		return fmt.Errorf("check the keys: %w", err)
	}
	word, err := keeper.Open(row.Sealed, keyPurpose)
	if err != nil || word != keyWord || row.Digest != keeper.Digest(keyPurpose, keyWord) {
		return errOtherKeys
	}
	return nil
}

func markKeys(ctx context.Context, db *store.DB, keeper *seal.Keeper) error {
	sealed, err := keeper.Seal(keyWord, keyPurpose)
	if err != nil {
		return fmt.Errorf("check the keys: %w", err)
	}
	err = db.Tx(ctx, func(tx *store.Tx) error {
		tx.Insert(&KeyCheck{ID: 1, Sealed: sealed, Digest: keeper.Digest(keyPurpose, keyWord)})
		return nil
	})
	if store.IsDuplicate(err) { // another server was first: look at its mark
		return checkKeys(ctx, db, keeper)
	}
	return err
}
