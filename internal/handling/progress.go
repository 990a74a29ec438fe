package handling

import (
	"context"
	"fmt"
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/workflow"
)

// reportProgress tells the authors how far it is, in the digest of the day.
func (s *Service) reportProgress(_ context.Context, st *step) error {
	in := st.Input.(ProgressInput)
	st.Comment = st.unit + "：" + in.Text
	if in.Percent > 0 {
		st.Comment += fmt.Sprintf("（已完成%d%%）", in.Percent)
	}
	st.Attach(attachment.ForProgress, in.Files)
	words := st.Words("办理中")
	words["unit"], words["note"] = st.unit, in.Text
	st.TellAuthors(notify.Progress, "您的"+st.kind()+"有新进展", fmt.Sprintf("“%s”：%s", st.Matter.Title, st.Comment), words)
	return nil
}

// logContact keeps how the unit spoke with the author.
func (s *Service) logContact(_ context.Context, st *step) error {
	in := st.Input.(ContactInput)
	s.meetContact(st)
	st.Set("contact_way", in.Way)
	st.Comment = st.unit + "（" + WayLabel(in.Way) + "）：" + in.Summary
	return nil
}

// meetContact ends the time to the first contact with the author.
func (s *Service) meetContact(st *step) {
	st.Tx.Exec("UPDATE deadlines SET met_at = ? WHERE assignment_id = ? AND kind = ? AND met_at IS NULL", st.At, st.assignment.ID, st.terms.contactClock().Kind)
}

// How much an act of urging weighs (domain.md §3.1).
const (
	authorUrges = 1
	officeUrges = 2
	leaderUrges = 4
)

// urge reminds a unit, not more often than the institution has set.
func (s *Service) urge(ctx context.Context, st *step) error {
	if err := s.notLately(ctx, st.Move, "urge"); err != nil {
		return err
	}
	st.Comment = st.Input.(UrgeInput).Note
	weight := officeUrges
	if st.Actor.Is(member.Leader) {
		weight = leaderUrges
	}
	st.Set("urged", st.assignment.Urged+weight)
	return s.toUnits(ctx, st.Move, notify.Reminder, "请抓紧办理", fmt.Sprintf("“%s”请抓紧办理，按期答复。%s", st.Matter.Title, st.Comment), st.assignment.UnitID)
}

// askUrge tells the office that an author wants the unit urged. Staff decide.
func (s *Service) askUrge(ctx context.Context, m *matter.Move) error {
	if err := s.notLately(ctx, m, "ask_urge"); err != nil {
		return err
	}
	m.Comment = m.Input.(AskUrgeInput).Note
	office, err := member.OfRole(ctx, m.Tx, m.Matter.InstitutionID, member.ProposalStaff, calendar.Of(m.Now))
	if err != nil {
		return err
	}
	m.Tx.Exec("UPDATE assignments SET urged = urged + ? WHERE matter_id = ? AND round = ? AND status IN ?",
		authorUrges, m.Matter.ID, m.Matter.Round, []workflow.Status{Dispatched, Signed, ReturnAsked, DelayAsked})
	m.Tell(m.Matter, office, notify.Task, "委员请求催办", fmt.Sprintf("%s请求催办“%s”。%s", m.Actor.Name, m.Matter.Title, m.Comment), m.Words("请求催办"))
	return nil
}

// notLately refuses to do again what was done in the last days.
func (s *Service) notLately(ctx context.Context, m *matter.Move, action string) error {
	days, err := UrgeEvery().Of(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	q := m.Tx.Gorm(ctx).Model(&matter.Event{}).
		Where("matter_id = ? AND action = ? AND acted_at > ?", m.Matter.ID, action, m.At.Add(-time.Duration(days)*24*time.Hour))
	if m.Subject.AssignmentID != nil {
		q = q.Where("assignment_id = ?", *m.Subject.AssignmentID)
	}
	var n int64
	if err := q.Limit(1).Count(&n).Error; err != nil {
		return fmt.Errorf("find what was urged: %w", err)
	}
	if n > 0 {
		return ErrUrged
	}
	return nil
}

// toUnits tells those who handle for some units that there is something to do.
func (s *Service) toUnits(ctx context.Context, m *matter.Move, e notify.Event, title, body string, unitIDs ...string) error {
	by, err := member.OfUnits(ctx, m.Tx, m.Matter.InstitutionID, unitIDs, calendar.Of(m.Now))
	if err != nil {
		return err
	}
	for _, id := range unitIDs {
		m.Tell(m.Matter, by[id], e, title, body, m.Words("待办理"))
	}
	return nil
}

// kind is what the kind of the matter is called.
func (st *step) kind() string { return st.label }
