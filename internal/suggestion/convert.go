package suggestion

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// intake takes in what another kind converts into a suggestion, as long as it is:
// the limit on the text is for what is written here.
func (s *Service) intake(ctx context.Context, m *matter.Move, c matter.Content) (matter.Matter, error) {
	taken, err := s.matters.TakeIn(ctx, m, Kind, "submit", c)
	if err != nil {
		return matter.Matter{}, err
	}
	taken.Tx.Insert(row(taken.Matter, Unfinished{Body: c.Body, Place: c.Place}))
	return taken.Matter, s.matters.Deliver(ctx, taken)
}

// content is what a suggestion says to a kind that takes it in.
func content(ctx context.Context, c store.Conn, x matter.Matter) (matter.Content, error) {
	own, err := gorm.G[Suggestion](c.Gorm(ctx)).Where("matter_id = ?", x.ID).First(ctx)
	if err != nil {
		return matter.Content{}, fmt.Errorf("read a suggestion: %w", err)
	}
	return matter.Content{Title: x.Title, Body: own.Body, Category: x.Category, Place: own.Place}, nil
}
