package handling

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
)

// ErrReplyIn is the fault of stopping a matter whose answer is in and waits to be
// checked.
var ErrReplyIn = fault.New(fault.Conflict, "handling.reply_in", "承办单位已经提交答复，请先审查答复，再决定是否停办。")

// Stop ends the handling of a matter that comes to nothing (a 提案 is revoked): what
// its units have in hand lapses, and they are told, with why. It is for the effect of
// a head's action that leads to an end. ErrReplyIn tells that an answer is in.
func (s *Service) Stop(ctx context.Context, m *matter.Move, title, why string) error {
	open, err := gorm.G[Assignment](m.Tx.Gorm(ctx)).
		Where("matter_id = ? AND status NOT IN ?", m.Matter.ID, s.ended()).Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("find open assignments: %w", err)
	}
	rule, _ := s.flow.Rule("lapse")
	var units []string
	for _, a := range open {
		if a.Status == ReplyDrafted {
			return ErrReplyIn
		}
		units = append(units, a.UnitID)
		err := s.matters.Apply(ctx, &matter.Move{
			Tx: m.Tx, Now: m.Now, By: m.By, Flow: s.flow, Rule: rule, Matter: m.Matter, Authors: m.Authors, Comment: why,
			Subject: matter.Subject{Table: "assignments", ID: a.ID, AssignmentID: &a.ID, Status: a.Status, Version: a.Version},
		})
		if err != nil {
			return err
		}
	}
	if len(units) == 0 {
		return nil
	}
	return s.toUnits(ctx, m, units, notify.Task, title, why)
}

// ended lists the states in which nothing of an assignment is waited for.
func (s *Service) ended() []any {
	var ends []any
	for _, state := range s.flow.States {
		if s.flow.Ends(state.Name) {
			ends = append(ends, state.Name)
		}
	}
	return ends
}
