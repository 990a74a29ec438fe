package handling

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// chairs reports whether what becomes of an objection is for 提案委主任 to decide:
// the matter was handled again as often as staff may order it.
func (s *Service) chairs(ctx context.Context, m *matter.Move) (bool, error) {
	var n int64
	err := m.Tx.Gorm(ctx).Model(&matter.Event{}).Where("matter_id = ? AND action = 'rehandle'", m.Matter.ID).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("count the rehandlings: %w", err)
	}
	return n >= int64(s.kinds[m.Matter.Kind].Rehandlings), nil
}

// mayDecide returns ErrChair to staff where it is for the chair to decide.
func (s *Service) mayDecide(ctx context.Context, m *matter.Move) error {
	forChair, err := s.chairs(ctx, m)
	if err == nil && forChair && !m.Actor.Is(member.ProposalChair) {
		err = ErrChair
	}
	return err
}

// rate books the author's judgement.
func rate(_ context.Context, m *matter.Move) error {
	in := m.Input.(RateInput)
	book(m, m.Matter.Round, in.Attitude, in.Result, in.Comment)
	return nil
}

// object books that the author is not satisfied, which staff then look at.
func (s *Service) object(ctx context.Context, m *matter.Move) error {
	in := m.Input.(ObjectInput)
	book(m, m.Matter.Round, in.Attitude, Dissatisfied, in.Reason)
	forChair, err := s.chairs(ctx, m)
	if forChair {
		m.Holder = matter.RoleHolder(member.ProposalChair)
	}
	return err
}

// rateOriginal is the action of rating the answer to what was merged into another.
const rateOriginal = "rate_original"

// answered lists the states of a matter that has an answer.
func answered() []workflow.Status { return []workflow.Status{Replied, Unsatisfied, Closed} }

// rateMerged books the judgement of the first author of what was merged into
// another; where they are not satisfied, staff look at the matter that went on.
func (s *Service) rateMerged(ctx context.Context, m *matter.Move) error {
	in := m.Input.(RateOriginalInput)
	if in.Result == Dissatisfied && in.Comment == "" {
		return ErrWhy
	}
	lead, err := gorm.G[matter.Matter](m.Tx.Gorm(ctx)).Where("id = ?", m.Matter.MergedInto).First(ctx) // locked, as OnMerged asks
	if err != nil {
		return fmt.Errorf("find what a matter was merged into: %w", err)
	}
	var rated int64
	err = m.Tx.Gorm(ctx).Model(&Rating{}).Where("matter_id = ? AND round = ?", m.Matter.ID, lead.Round).Count(&rated).Error
	if err != nil {
		return fmt.Errorf("find the ratings: %w", err)
	}
	if rated > 0 || !slices.Contains(answered(), lead.Status) {
		return ErrRated
	}
	book(m, lead.Round, in.Attitude, in.Result, in.Comment)
	if in.Result != Dissatisfied || lead.Status == Unsatisfied {
		return nil
	}
	authors, err := matter.Authors(ctx, m.Tx, lead.ID)
	if err != nil {
		return err
	}
	on := &matter.Move{Tx: m.Tx, Now: m.Now, By: m.By, Matter: lead, Authors: authors}
	return s.matters.Settle(ctx, on, "object_original", func(settled *matter.Move) error {
		settled.Comment = "“" + m.Matter.Title + "”：" + in.Comment
		forChair, err := s.chairs(ctx, settled)
		if forChair {
			settled.Holder = matter.RoleHolder(member.ProposalChair)
		}
		return err
	})
}

func book(m *matter.Move, round int, attitude, result Grade, comment string) {
	var by *string
	if id := m.FirstAuthor(); id != "" {
		by = &id
	}
	m.Tx.Insert(&Rating{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, PersonID: by,
		Round: round, Attitude: attitude, Result: result, Comment: comment, CreatedAt: m.At,
	})
}

// closeWithoutRating lets the office close what its first author has not rated in
// time. The system does that by itself only where the author could be told of the
// answer in the app: others keep waiting until somebody has asked them.
func closeWithoutRating(_ context.Context, m *matter.Move) error {
	m.Comment = m.Input.(CloseWithoutRatingInput).Note
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"已办结", fmt.Sprintf("“%s”没有收到您的评价，已按“未反馈”办结。%s", m.Matter.Title, m.Comment), m.Words("已办结"))
	return nil
}

// rehandle begins another round with the units of the one before, or with those
// that are named instead: one of them may have been closed since, which is
// institution.ErrNoUnit.
func (s *Service) rehandle(ctx context.Context, m *matter.Move) error {
	if err := s.mayDecide(ctx, m); err != nil {
		return err
	}
	in := m.Input.(RehandleInput)
	last, err := gorm.G[Assignment](m.Tx.Gorm(ctx)).
		Where("matter_id = ? AND round = ? AND status NOT IN ?", m.Matter.ID, m.Matter.Round, gone()).Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("find the last round: %w", err)
	}
	span, err := s.againSpan(ctx, m, in.Days)
	if err != nil {
		return err
	}
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"将重新办理", fmt.Sprintf("“%s”将由承办单位重新办理，有答复会告诉您。", m.Matter.Title), m.Words("重新办理"))
	err = s.assignAll(ctx, m, order{span: span, requirement: "委员不满意，请重新办理：" + in.Reason, parts: in.parts(last)})
	if errors.Is(err, institution.ErrNoUnit) && (in.LeadUnitID == "" || in.CoUnitIDs == nil) {
		return institution.ErrNoUnit.Saying("上一轮的承办单位中有的已停用，请在这里写明由哪个单位主办、哪些单位会办。")
	}
	return err
}

// parts are those of the last round, but for what was named instead. Where each unit
// answered by itself, so does each that is named: an author may not be satisfied with
// one of them alone.
func (in RehandleInput) parts(last []Assignment) []part {
	var parts []part
	if slices.ContainsFunc(last, func(a Assignment) bool { return a.Role == Separate }) {
		return in.separate(last)
	}
	if in.LeadUnitID != "" {
		parts = append(parts, part{in.LeadUnitID, Lead})
	}
	for _, id := range in.CoUnitIDs {
		parts = append(parts, part{id, Co})
	}
	for _, a := range last {
		named := in.LeadUnitID != ""
		if a.Role == Co {
			named = in.CoUnitIDs != nil
		}
		if !named && a.UnitID != in.LeadUnitID {
			parts = append(parts, part{a.UnitID, a.Role})
		}
	}
	return parts
}

func (in RehandleInput) separate(last []Assignment) []part {
	units := slices.Clone(in.CoUnitIDs)
	if in.LeadUnitID != "" {
		units = append([]string{in.LeadUnitID}, units...)
	}
	if len(units) == 0 {
		for _, a := range last {
			units = append(units, a.UnitID)
		}
	}
	role := Separate
	if len(units) == 1 {
		role = Lead
	}
	var parts []part
	for _, id := range units {
		parts = append(parts, part{id, role})
	}
	return parts
}

// againSpan is how long units have to answer again; zero where it is as long as
// the first time.
func (s *Service) againSpan(ctx context.Context, m *matter.Move, days int) (calendar.Span, error) {
	again := s.kinds[m.Matter.Kind].againLength()
	if days > 0 || again.Span.Count == 0 {
		return givenDays(days), nil
	}
	return s.matters.Span(ctx, m.Tx, m.Matter, again)
}

// uphold lets the answer stand, and tells why.
func (s *Service) uphold(ctx context.Context, m *matter.Move) error {
	if err := s.mayDecide(ctx, m); err != nil {
		return err
	}
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"已办结", fmt.Sprintf("“%s”经研究维持原答复。%s", m.Matter.Title, m.Comment), m.Words("已办结"))
	return nil
}

// confirmRating lets the units see how they were judged.
func confirmRating(_ context.Context, m *matter.Move) error {
	m.Tx.Exec("UPDATE ratings SET confirmed_at = ? WHERE confirmed_at IS NULL AND (matter_id = ? OR matter_id IN (SELECT id FROM matters WHERE merged_into = ?))",
		m.At, m.Matter.ID, m.Matter.ID)
	return nil
}
