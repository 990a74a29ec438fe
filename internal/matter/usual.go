package matter

import (
	"context"
	"fmt"

	"yanlu/internal/notify"
	"yanlu/internal/workflow"
)

// What most kinds do alike at their heads, each in its own words.

// ClassifyInput puts a matter into another category.
type ClassifyInput struct {
	workflow.Seen
	Category string `json:"category" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"TRAFFIC" label:"类别" widget:"choice" options:"categories" doc:"应归入的类别"`
}

// WithdrawInput takes a matter back.
type WithdrawInput struct{ workflow.Seen }

// ClassifyRule returns the action of putting a matter into another category, by
// who, in some states, for a head's table.
func ClassifyRule(from []workflow.Status, who []workflow.Party) workflow.Rule {
	return workflow.Rule{Action: "classify", Label: "更正类别", From: from, Who: who, Input: ClassifyInput{}}
}

func classify(_ context.Context, m *Move) error {
	m.Set("category", m.Input.(ClassifyInput).Category)
	return nil
}

// Withdraw returns the effect of taking a matter back, unless others have come to
// depend on it, which is ErrOthersIn. End says to the other authors what is not
// done any more: "不再办理".
func Withdraw(end string) Effect {
	return func(ctx context.Context, m *Move) error {
		merged, err := m.HasMerged(ctx)
		if err != nil {
			return err
		}
		if merged {
			return ErrOthersIn
		}
		m.TellOthers(notify.Decision, "您的"+m.Flow.Label+"已撤回", fmt.Sprintf("“%s”已由%s撤回，%s。", m.Matter.Title, m.Actor.Name, end), m.Words("已撤回"))
		return nil
	}
}

// GiveBack returns the effect of returning a matter to its author, who has the time
// of a clock. What says what to do with it, 修改 or 补充, and then what else there is
// to know, as a sentence. A liaison who handed it in is told as well, and may do it.
func (s *Service) GiveBack(clock workflow.Clock, what, then string) Effect {
	return func(ctx context.Context, m *Move) error {
		span, err := s.Span(ctx, m.Tx, m.Matter, clock.For(m.Matter.Urgent))
		if err != nil {
			return err
		}
		words, label := m.Words("待"+what), m.Flow.Label
		if by := m.Authors[0].OnBehalfBy; by != nil {
			m.Tell(m.Matter, []string{*by}, notify.Decision, "您代交的"+label+"请"+what+"后再提交", fmt.Sprintf("“%s”需要%s：%s", m.Matter.Title, what, m.Comment), words)
		}
		m.TellAuthors(notify.Decision, "您的"+label+"请"+what+"后再提交",
			fmt.Sprintf("“%s”需要%s：%s 请在%s内%s后重新提交%s", m.Matter.Title, what, m.Comment, span, what, then), words)
		return nil
	}
}

// TellBehalf tells the first author that a liaison handed in for them; nobody,
// where somebody else acts.
func (m *Move) TellBehalf() {
	by := m.Authors[0].OnBehalfBy
	if by == nil || *by != m.Actor.PersonID {
		return
	}
	m.Tell(m.Matter, []string{m.FirstAuthor()}, notify.Decision, m.Actor.Name+"代您提交了"+m.Flow.Label,
		fmt.Sprintf("“%s”已由联络员%s代您提交。如有出入，您可以撤回。", m.Matter.Title, m.Actor.Name), m.Words("已代交"))
}
