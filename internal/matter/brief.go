package matter

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Briefs returns matters of an institution by their identifiers, for a list that
// refers to them: without authors, and not narrowed to what an actor may see.
func (s *Service) Briefs(ctx context.Context, institutionID string, ids []string) (map[string]Matter, error) {
	rows, err := gorm.G[Matter](s.db.Gorm(ctx)).Where("institution_id = ? AND id IN ?", institutionID, ids).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find matters: %w", err)
	}
	by := make(map[string]Matter, len(rows))
	for _, x := range rows {
		by[x.ID] = x
	}
	return by, nil
}
