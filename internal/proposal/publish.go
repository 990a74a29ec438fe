package proposal

import (
	"context"
	"slices"

	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/safety"
)

// publish lets every member of the institution read a filed proposal, and its answer
// where staff choose so. Its sponsor wished it, or was asked since. What all may read
// is checked by the platform where the institution has that done.
func (s *Service) publish(ctx context.Context, m *matter.Move) error {
	in := m.Input.(PublishInput)
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	if !own.PublicWish && !in.Agreed {
		return ErrNotPublic
	}
	m.Set("visibility", matter.Members)
	m.Tx.Exec("UPDATE proposals SET published_at = COALESCE(published_at, ?), answer_published = ? WHERE matter_id = ?", m.At, in.Answer, m.Matter.ID)
	if m.Comment = "公开提案"; in.Answer {
		m.Comment += "和答复"
	}
	if own.PublishedAt == nil {
		s.checks.HandText(m.Tx, safety.Handed{InstitutionID: m.Matter.InstitutionID, Kind: string(Kind), MatterID: m.Matter.ID, AccountID: m.Actor.AccountID}, false)
		m.TellAuthors(notify.Progress, "您的提案已公开", "“"+m.Matter.Title+"”已向全体委员公开。", m.Words("已公开"))
	}
	return nil
}

// unpublish takes that back.
func unpublish(_ context.Context, m *matter.Move) error {
	m.Set("visibility", matter.Parties)
	m.Tx.Exec("UPDATE proposals SET published_at = NULL, answer_published = ? WHERE matter_id = ?", false, m.Matter.ID)
	return nil
}

// Concerns reports whether a proposal concerns an actor who sees it: an insider, or one
// of its authors. Any other member reads just what was published of it.
func (p Proposal) Concerns(a member.Actor, insider matter.Insider, authors []matter.Author) bool {
	return bool(insider) || slices.ContainsFunc(authors, func(x matter.Author) bool {
		return x.Is(a.PersonID) || x.OnBehalfBy != nil && *x.OnBehalfBy == a.PersonID
	})
}
