package handling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// followUp notes what has come of a matter that was answered as being solved, and
// tells its authors; the result may be another by now.
func (s *Service) followUp(ctx context.Context, m *matter.Move) error {
	in := m.Input.(FollowUpInput)
	outcomes, err := Outcomes().Of(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	codes := followed(outcomes)
	var open int64
	const which = "matter_id = ? AND round = ? AND kind = ? AND verdict = ? AND current_outcome IN ?"
	err = m.Tx.Gorm(ctx).Model(&Reply{}).Where(which, m.Matter.ID, m.Matter.Round, Answer, Passed, codes).Count(&open).Error
	if err != nil {
		return fmt.Errorf("find what is followed: %w", err)
	}
	if open == 0 {
		return ErrNoFollow
	}
	words := m.Words("跟踪结果")
	m.Comment = in.Result
	if in.Outcome != "" {
		o, err := outcomeIn(outcomes, in.Outcome)
		if err != nil {
			return err
		}
		m.Tx.Exec("UPDATE replies SET current_outcome = ? WHERE "+which, o.Code, m.Matter.ID, m.Matter.Round, Answer, Passed, codes)
		m.Comment += "（现在的办理结果：" + o.Label + "）"
		words["outcome"] = o.Short
	}
	words["note"] = in.Result
	m.TellAuthors(notify.Progress, "您的"+m.Flow.Label+"有跟踪结果", fmt.Sprintf("“%s”答复后的办理情况：%s", m.Matter.Title, m.Comment), words)
	return nil
}

// followed lists the codes of what is being solved.
func followed(all []Outcome) []string {
	codes := []string{}
	for _, o := range all {
		if o.FollowUp {
			codes = append(codes, o.Code)
		}
	}
	return codes
}

// Followed is an answer of a year before that is to be looked at again.
type Followed struct {
	ID         string // of the reply
	MatterID   string
	Kind       matter.Kind
	Number     *string
	Title      string
	UnitName   string
	Outcome    string // as it is by now
	AnsweredAt time.Time
	LookedAt   *time.Time // when it was looked at last; nil: never
}

// ToFollow lists the answers of a year that are being solved still, of matters that
// are closed and whose kind has them looked at again, in the order in which they
// were answered, up to limit behind the reply named after. Its cost is that of the
// answers of that year.
func (s *Service) ToFollow(ctx context.Context, c store.Conn, a member.Actor, year int, after string, limit int) ([]Followed, error) {
	outcomes, err := Outcomes().Of(ctx, c, a.InstitutionID)
	if err != nil {
		return nil, err
	}
	kinds := s.having(func(t Terms) bool { return t.FollowUp })
	codes := followed(outcomes)
	if len(kinds) == 0 || len(codes) == 0 {
		return nil, nil
	}
	where, args := "", []any{a.InstitutionID, calendar.Date(year, time.January, 1).Start(), calendar.Date(year+1, time.January, 1).Start(), codes, kinds, Closed}
	if after != "" {
		where, args = " AND replies.id > ?", append(args, after)
	}
	var rows []Followed
	err = c.Gorm(ctx).Raw(`SELECT replies.id, replies.matter_id, matters.kind, matters.number, matters.title, units.name AS unit_name,
			replies.current_outcome AS outcome, replies.checked_at AS answered_at, looked.acted_at AS looked_at
		FROM replies JOIN matters ON matters.id = replies.matter_id JOIN assignments ON assignments.id = replies.assignment_id
		JOIN units ON units.id = assignments.unit_id
		LEFT JOIN events looked ON looked.id = (SELECT e.id FROM events e WHERE e.matter_id = replies.matter_id AND e.action = 'follow_up' ORDER BY e.id DESC LIMIT 1)
		WHERE replies.institution_id = ? AND replies.verdict = 'PASSED' AND replies.checked_at >= ? AND replies.checked_at < ?
			AND replies.about_id IS NULL AND replies.current_outcome IN ? AND matters.kind IN ? AND matters.status = ? AND matters.round = replies.round`+where+`
		ORDER BY replies.id LIMIT ?`, append(args, limit)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what is to be followed: %w", err)
	}
	return rows, nil
}

// having lists the kinds whose terms have something.
func (s *Service) having(what func(Terms) bool) []matter.Kind {
	var kinds []matter.Kind
	for k, t := range s.kinds {
		if what(t.Terms) {
			kinds = append(kinds, k)
		}
	}
	slices.Sort(kinds)
	return kinds
}
