package proposal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// TwoReviews is whether an institution has each proposal looked at by two people
// (背靠背审查): the second does not read the opinion of the first before theirs is in,
// and nothing is decided before both are. An office of four leaves it off.
func TwoReviews() institution.Setting[bool] {
	return institution.Setting[bool]{Name: "proposal.two_reviews", Label: "提案由两人背靠背审查"}
}

// Opinion is what a reviewer would do.
type Opinion string

// The opinions.
const (
	WouldFile    Opinion = "FILE"
	WouldNotFile Opinion = "NOT_FILE"
	WouldReturn  Opinion = "RETURN"
	WouldMerge   Opinion = "MERGE"
	WouldConvert Opinion = "CONVERT"
)

// Stage is which of the two reviews it is.
type Stage string

// The stages.
const (
	Pre Stage = "PRE" // 预审
	Re  Stage = "RE"  // 复审
)

// Review is the opinion of one reviewer. What was returned and came again is
// reviewed anew; the reviews before stay.
type Review struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	Stage         Stage
	ReviewerID    string
	ReviewerName  string
	Decision      Opinion
	Ground        Ground
	Category      string
	UnitsJSON     string // the lead first; "[]": none
	MergeWith     string
	Note          string
	Blind         bool // two review, and do not read each other before both are in
	CreatedAt     time.Time
}

// TableName names the table.
func (Review) TableName() string { return "proposal_reviews" }

// Units returns the units that the reviewer proposed, the lead first.
func (r Review) Units() []string { return handling.Proposed(r.UnitsJSON) }

// preReview keeps the opinion of the first reviewer.
func (s *Service) preReview(ctx context.Context, m *matter.Move) error {
	two, err := TwoReviews().Of(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	return review(ctx, m, Pre, two)
}

// reReview keeps the opinion of the second, who is another where they are not to
// know of each other.
func (s *Service) reReview(ctx context.Context, m *matter.Move) error {
	two, err := TwoReviews().Of(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	if two {
		last, err := gorm.G[Review](m.Tx.Gorm(ctx)).Where("matter_id = ?", m.Matter.ID).Order("id DESC").First(ctx)
		if err != nil {
			return fmt.Errorf("find the first review: %w", err)
		}
		if last.ReviewerID == m.Typist.PersonID {
			return ErrSecondOne
		}
	}
	return review(ctx, m, Re, two)
}

func review(ctx context.Context, m *matter.Move, stage Stage, blind bool) error {
	in := m.Input.(ReviewInput)
	units, err := handling.Propose(ctx, m, in.LeadUnitID, in.CoUnitIDs)
	if err != nil {
		return err
	}
	m.Tx.Insert(&Review{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, Stage: stage, ReviewerID: m.Typist.PersonID,
		ReviewerName: m.Typist.Name, Decision: in.Decision, Ground: in.Ground, Category: in.Category, UnitsJSON: units,
		MergeWith: in.MergeWith, Note: in.Note, Blind: blind, CreatedAt: m.Now,
	})
	return nil
}

// meet lets a move be of the day of the meeting that decided it: not before the
// move before, nor after today. It returns what the timeline says of the meeting.
func meet(ctx context.Context, m *matter.Move, met Met) (string, error) {
	if met.MetOn != "" {
		day, err := calendar.Parse(met.MetOn)
		if err != nil || day.After(calendar.Of(m.Now)) {
			return "", ErrMeeting
		}
		since, err := matter.Since(ctx, m.Tx, &workflow.Paper{}, m.Rule, m.Matter.ID, nil, m.Matter.SubmittedAt)
		if err != nil {
			return "", err
		}
		if day.Before(calendar.Of(since)) {
			return "", ErrMeeting
		}
		if day != calendar.Of(m.Now) {
			m.At = store.Micro(day.End().Add(-time.Microsecond)) // in time, if that day was
		}
	}
	if met.Meeting == "" {
		return "", nil
	}
	return met.Meeting + "：", nil
}

// metOn is the day of a meeting that meet has checked.
func metOn(met Met) *calendar.Day {
	day, err := calendar.Parse(met.MetOn)
	if err != nil {
		return nil
	}
	return &day
}

// decidable refuses to decide before both reviews are in, where there are two.
func decidable(ctx context.Context, m *matter.Move) error {
	if m.Subject.Status == Reviewed {
		return nil
	}
	two, err := TwoReviews().Of(ctx, m.Tx, m.Matter.InstitutionID)
	if err == nil && two {
		err = ErrTwoReviews
	}
	return err
}

// file files a proposal, and may classify it and propose the units at once.
func (s *Service) file(ctx context.Context, m *matter.Move) error {
	in := m.Input.(FileInput)
	if err := decidable(ctx, m); err != nil {
		return err
	}
	where, err := meet(ctx, m, in.Met)
	if err != nil {
		return err
	}
	units, err := handling.Propose(ctx, m, in.LeadUnitID, in.CoUnitIDs)
	if err != nil {
		return err
	}
	if in.Category != "" {
		m.Set("category", in.Category)
	}
	m.SetUrgent(in.Urgent || m.Matter.Urgent) // what was merged into it may have been urgent
	m.Comment = strings.TrimSuffix(where, "：")
	m.Tx.Exec("UPDATE proposals SET proposed_json = ?, meeting = ?, met_on = ?, filed_at = ? WHERE matter_id = ?", units, in.Meeting, metOn(in.Met), m.At, m.Matter.ID)
	m.TellAuthors(notify.Decision, "您的提案已立案", fmt.Sprintf("“%s”经审查已立案，将交有关单位办理，有进展会告诉您。", m.Matter.Title), m.Words("已立案"))
	return nil
}

// notFile decides that a proposal is not filed, and tells kindly why, and where its
// content goes.
func (s *Service) notFile(ctx context.Context, m *matter.Move) error {
	in := m.Input.(NotFileInput)
	if err := decidable(ctx, m); err != nil {
		return err
	}
	where, err := meet(ctx, m, in.Met)
	if err != nil {
		return err
	}
	m.Tx.Exec("UPDATE proposals SET ground = ?, transfer = ?, meeting = ?, met_on = ? WHERE matter_id = ?", in.Ground, in.Transfer, in.Meeting, metOn(in.Met), m.Matter.ID)
	m.Comment = where + in.Ground.words() + "。" + in.Reason
	if words := in.Transfer.words(); words != "" {
		m.Comment += " " + words
	}
	m.TellAuthors(notify.Decision, "您的提案没有立案",
		fmt.Sprintf("感谢您提出“%s”。经审查，这一件没有立案：%s", m.Matter.Title, m.Comment), m.Words("不予立案"))
	return nil
}

// retitle rewrites the 案由. The old one stays in the timeline and among the texts.
// It changes nothing that was agreed to: what is proposed is the same.
func (s *Service) retitle(ctx context.Context, m *matter.Move) error {
	in := m.Input.(RetitleInput)
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	was, err := current(ctx, m.Tx, m.Matter.ID, own.TextVersion)
	if err != nil {
		return err
	}
	m.Comment = fmt.Sprintf("原案由“%s”改为“%s”。%s", was.Title, in.Title, in.Reason)
	next := was
	next.Version, next.Title, next.WrittenBy, next.CreatedAt = was.Version+1, in.Title, m.Typist.Name, m.Now
	m.Set("title", in.Title)
	m.Tx.Insert(&next)
	m.Tx.Exec("UPDATE proposals SET text_version = ? WHERE matter_id = ?", next.Version, m.Matter.ID)
	m.TellAuthors(notify.Progress, "您的提案改写了案由", m.Comment, m.Words("案由已改"))
	return nil
}

// dispatchNumbered gives a proposal its number, if the office gave it none before,
// and hands it over: to the units that were proposed when it was filed, where the
// input names none.
func (s *Service) dispatchNumbered(ctx context.Context, m *matter.Move) error {
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	if err := handling.UseProposed(m, handling.Proposed(own.ProposedJSON)); err != nil {
		return err
	}
	if m.Matter.Number == nil {
		scope, format, err := s.numbers(ctx, m.Tx, own.CollectionID)
		if err != nil {
			return err
		}
		m.Number(scope, format)
	}
	return s.dispatch(ctx, m)
}
