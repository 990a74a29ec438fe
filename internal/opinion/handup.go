package opinion

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/institution"
	"yanlu/internal/matter"
)

// handUp hands a report up to the parent institution, as an author hands one in,
// or to one that is named; and records that it was reported there.
func handUp(hand matter.Effect) matter.Effect {
	return func(ctx context.Context, m *matter.Move) error {
		if err := hand(ctx, m); err != nil {
			return err
		}
		h, err := gorm.G[matter.HandUp](m.Tx.Gorm(ctx)).Where("matter_id = ?", m.Matter.ID).Order("id DESC").First(ctx)
		if err != nil {
			return fmt.Errorf("find where a report was handed up to: %w", err)
		}
		own, parent, err := institution.WithParent(ctx, m.Tx, m.Matter.InstitutionID)
		if err != nil {
			return err
		}
		level := above(own.Level)
		if h.UpperID != nil {
			level = Level(parent.Level)
		}
		n, f, err := fact(ctx, m, OfDispatch, "")
		if err != nil {
			return err
		}
		m.Tx.Insert(&Dispatch{MatterID: m.Matter.ID, Ordinal: n, Fact: f, Organ: h.Organ, Level: level})
		return nil
	}
}

// above is the level over that of an institution.
func above(l institution.Level) Level {
	return map[institution.Level]Level{
		institution.Town: County, institution.County: Prefecture, institution.Prefecture: Province, institution.Province: Nation,
	}[l]
}

// copyUp writes what an institution reports to its parent: the newest text, as
// that of its author.
func copyUp(ctx context.Context, m, up *matter.Move) error {
	own, err := find(ctx, m)
	if err != nil {
		return err
	}
	last, err := newest(ctx, m)
	if err != nil {
		return err
	}
	up.Tx.Insert(&Opinion{MatterID: up.Matter.ID, InstitutionID: up.Matter.InstitutionID, Confidentiality: own.Confidentiality})
	first := version(up, 1, FromAuthor, Unfinished{Title: last.Title, Situation: last.Situation, Analysis: last.Analysis, Advice: last.Advice})
	first.WriterName = up.Authors[0].BodyName
	up.Tx.Insert(first)
	return nil
}
