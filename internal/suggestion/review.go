package suggestion

import (
	"context"
	"encoding/json"
	"fmt"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
)

// accept takes a suggestion up, and may propose the units at once.
func accept(ctx context.Context, m *matter.Move) error {
	in := m.Input.(AcceptInput)
	if in.Category != "" {
		m.Set("category", in.Category)
	}
	units := []string{}
	if in.LeadUnitID != "" {
		units = append([]string{in.LeadUnitID}, in.CoUnitIDs...)
		if _, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, units); err != nil {
			return err
		}
	}
	proposed, err := json.Marshal(units)
	if err != nil {
		return fmt.Errorf("accept a suggestion: %w", err)
	}
	m.SetUrgent(in.Urgent)
	m.Tx.Exec("UPDATE suggestions SET route = ?, proposed_json = ? WHERE matter_id = ?", in.Route, string(proposed), m.Matter.ID)
	m.TellAuthors(notify.Decision, "您的微建议已受理", fmt.Sprintf("“%s”已受理，将交承办单位办理，有进展会告诉您。", m.Matter.Title), m.Words("已受理"))
	return nil
}

// reject turns a suggestion down and tells why, and where else to turn to.
func reject(_ context.Context, m *matter.Move) error {
	in := m.Input.(RejectInput)
	m.Tx.Exec("UPDATE suggestions SET rejection = ?, channel = ? WHERE matter_id = ?", in.Code, in.Channel, m.Matter.ID)
	if words := in.Channel.words(); words != "" {
		m.Comment += " " + words
	}
	m.TellAuthors(notify.Decision, "您的微建议没有受理", fmt.Sprintf("“%s”没有受理。理由：%s", m.Matter.Title, m.Comment), m.Words("不予受理"))
	return nil
}

// giveBack returns a suggestion to its author to be mended.
func giveBack(_ context.Context, m *matter.Move) error {
	m.TellAuthors(notify.Decision, "您的微建议请修改后再提交",
		fmt.Sprintf("“%s”需要修改：%s 请在%s内改好后重新提交，逾期会自动撤回。", m.Matter.Title, m.Comment, editClock.Span), m.Words("待修改"))
	return nil
}

// dispatchNumbered gives a suggestion its number, if the office gave it none
// before, and hands it to the tail: to the units that were proposed when it was
// accepted, where the input names none.
func (s *Service) dispatchNumbered(ctx context.Context, m *matter.Move) error {
	in := m.Input.(handling.DispatchInput)
	if in.LeadUnitID == "" {
		own, err := find(ctx, m.Tx, m.Matter.ID)
		if err != nil {
			return err
		}
		units := own.Proposed()
		if len(units) == 0 {
			return ErrNoUnits
		}
		in.LeadUnitID, in.CoUnitIDs = units[0], units[1:]
		m.Input = in
	}
	if m.Matter.Number == nil {
		m.Number(Numbers(m))
	}
	return s.dispatch(ctx, m)
}

// Numbers is how suggestions are numbered: by the year, 2026年第31号.
func Numbers(m *matter.Move) (scope string, format func(int64) string) {
	return matter.YearNumber(calendar.Of(m.At).Year())
}

// escalate hands a suggestion up, beyond what this installation sees; what comes
// back is booked by conclude.
func escalate(_ context.Context, m *matter.Move) error {
	in := m.Input.(EscalateInput)
	m.Tx.Exec("UPDATE suggestions SET escalated_to = ? WHERE matter_id = ?", in.Target, m.Matter.ID)
	m.Comment = "上报到" + in.Target + "。" + in.Reason
	m.TellAuthors(notify.Decision, "您的微建议已上报", fmt.Sprintf("“%s”已上报到%s，有答复会告诉您。", m.Matter.Title, in.Target), m.Words("已上报"))
	return nil
}

func conclude(ctx context.Context, m *matter.Move) error {
	in := m.Input.(ConcludeInput)
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	m.Comment = own.EscalatedTo + "答复：" + in.Answer
	words := m.Words("已答复")
	words["unit"] = own.EscalatedTo
	m.TellAuthors(notify.Reply, "您的微建议有答复了", fmt.Sprintf("“%s”上报后有了答复，请查看。", m.Matter.Title), words)
	return nil
}
