package proposal

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
)

// askRevoke asks 提案委 to let a filed proposal be revoked (撤案).
func (s *Service) askRevoke(ctx context.Context, m *matter.Move) error {
	merged, err := m.HasMerged(ctx)
	if err != nil {
		return err
	}
	if merged {
		return matter.ErrOthersIn
	}
	office, err := member.OfRole(ctx, m.Tx, m.Matter.InstitutionID, member.ProposalStaff, calendar.Of(m.Now))
	if err != nil {
		return err
	}
	m.Tell(m.Matter, office, notify.Task, "提案人申请撤案", fmt.Sprintf("%s申请撤案：“%s”。%s", m.Actor.Name, m.Matter.Title, m.Comment), m.Words("申请撤案"))
	return nil
}

// revoke ends a proposal at its sponsor's wish. It keeps its number; what units have
// of it in hand lapses, and they are told.
func (s *Service) revoke(ctx context.Context, m *matter.Move) error {
	if err := s.tail.Stop(ctx, m, "提案已撤案", fmt.Sprintf("“%s”已由提案人撤案，不用再办理。", m.Matter.Title)); err != nil {
		return err
	}
	m.TellAuthors(notify.Decision, "您的提案已撤案", fmt.Sprintf("“%s”已按提案人的申请撤案，不再办理。", m.Matter.Title), m.Words("已撤案"))
	return nil
}

// keep lets a proposal go on from where it was when its sponsor asked.
func keep(ctx context.Context, m *matter.Move) error {
	asked, err := gorm.G[matter.Event](m.Tx.Gorm(ctx)).Where("matter_id = ? AND to_status = ? AND from_status <> to_status", m.Matter.ID, RevokeAsked).Order("id DESC").First(ctx)
	if err != nil {
		return fmt.Errorf("find the wish to revoke: %w", err)
	}
	if m.To = Filed; asked.FromStatus == handling.Handling {
		m.To = handling.Handling
	}
	m.TellAuthors(notify.Decision, "撤案申请没有同意", fmt.Sprintf("“%s”继续办理。%s", m.Matter.Title, m.Comment), m.Words("继续办理"))
	return nil
}
