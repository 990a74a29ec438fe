//go:build !unix

package store

import (
	"fmt"
	"os"
)

// lockFolder opens the lock file; where there is no flock, the exclusive lock
// of SQLite on its single writer is all there is.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return f, nil
}
