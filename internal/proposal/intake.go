package proposal

import (
	"context"
	"errors"
	"fmt"

	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// intake makes a draft (提案线索) of what another kind hands over: its first author
// completes it, and those who had signed the other are asked again when they do. It is
// matter.ErrConvert where the first author is no member now, who could not hand it in.
func (s *Service) intake(ctx context.Context, m *matter.Move, c matter.Content) (matter.Matter, error) {
	author, err := member.Actors(ctx, m.Tx, m.Matter.InstitutionID, []string{m.FirstAuthor()}, calendar.Of(m.Now))
	if errors.Is(err, member.ErrNotFound) || err == nil && !author[0].Is(member.Member) {
		return matter.Matter{}, matter.ErrConvert.Saying("第一提出人不是现任委员，不能转为提案。可以请一位委员另行提出。")
	}
	if err != nil {
		return matter.Matter{}, err
	}
	taken, err := s.matters.TakeIn(ctx, m, Kind, "draft", c)
	if err != nil {
		return matter.Matter{}, err
	}
	p := &Proposal{MatterID: taken.Matter.ID, InstitutionID: taken.Matter.InstitutionID, Proposer: proposerOf("", len(taken.Authors)-1), TextVersion: 1, ProposedJSON: "[]"}
	m.Tx.Insert(p, textRow(taken, Unfinished{Title: c.Title, Situation: c.Body}, 1))
	taken.Tell(taken.Matter, []string{taken.FirstAuthor()}, notify.Task, "请把它补充成一件提案",
		fmt.Sprintf("“%s”适合作为提案提出，已为您存成提案草稿。请补充分析和具体建议，再提交。", c.Title), taken.Words("提案线索"))
	return taken.Matter, s.matters.Deliver(ctx, taken)
}

// content is what a proposal says to a kind that takes it in.
func content(ctx context.Context, c store.Conn, x matter.Matter) (matter.Content, error) {
	own, err := find(ctx, c, x.ID)
	if err != nil {
		return matter.Content{}, err
	}
	t, err := current(ctx, c, x.ID, own.TextVersion)
	return matter.Content{Title: x.Title, Body: t.body(), Category: x.Category}, err
}
