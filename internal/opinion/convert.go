package opinion

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// intake takes in what another kind converts into a report. Its words are the
// author's and become the first version, all of them as the situation; the office
// registers and edits it as any other.
func (s *Service) intake(ctx context.Context, m *matter.Move, c matter.Content) (matter.Matter, error) {
	taken, err := s.matters.TakeIn(ctx, m, Kind, "submit", c)
	if err != nil {
		return matter.Matter{}, err
	}
	text := strings.TrimSpace(c.Body)
	if c.Place != "" {
		text += "\n地点：" + c.Place
	}
	x := taken.Matter
	taken.Tx.Insert(&Opinion{MatterID: x.ID, InstitutionID: x.InstitutionID, Confidentiality: Internal})
	first := version(taken, 1, FromAuthor, Unfinished{Title: c.Title, Situation: text})
	first.WriterName = taken.Authors[0].FullName()
	taken.Tx.Insert(first)
	return x, s.matters.Deliver(ctx, taken)
}

// content is what a report says to a kind that takes it in: what its author handed
// in last.
func content(ctx context.Context, c store.Conn, x matter.Matter) (matter.Content, error) {
	v, err := gorm.G[Version](c.Gorm(ctx)).Where("matter_id = ? AND source = ?", x.ID, FromAuthor).Order("ordinal DESC").First(ctx)
	if err != nil {
		return matter.Content{}, fmt.Errorf("find what the author wrote: %w", err)
	}
	return matter.Content{Title: v.Title, Category: x.Category, Body: strings.TrimSpace(strings.Join([]string{v.Situation, v.Analysis, v.Advice}, "\n"))}, nil
}
