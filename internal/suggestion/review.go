package suggestion

import (
	"context"
	"errors"
	"fmt"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
)

// accept takes a suggestion up, and may propose the units at once.
func accept(ctx context.Context, m *matter.Move) error {
	in := m.Input.(AcceptInput)
	if err := lead(ctx, m, in); err != nil {
		return err
	}
	if in.Category != "" {
		m.Set("category", in.Category)
	}
	if in.LeadUnitID == "" && len(in.CoUnitIDs) == 0 && (in.Route == ByCommittee || in.Route == ByTown) {
		in.LeadUnitID = in.LeaderUnit // who leads answers as well, unless another is named
	}
	proposed, err := handling.Propose(ctx, m, in.LeadUnitID, in.CoUnitIDs)
	if err != nil {
		return err
	}
	m.SetUrgent(in.Urgent || m.Matter.Urgent) // what was merged into it may have been urgent
	m.Tx.Exec("UPDATE suggestions SET route = ?, proposed_json = ? WHERE matter_id = ?", in.Route, proposed, m.Matter.ID)
	m.TellAuthors(notify.Decision, "您的微建议已受理", fmt.Sprintf("“%s”已受理，将交承办单位办理，有进展会告诉您。", m.Matter.Title), m.Words("已受理"))
	return nil
}

// leads tells which kind of unit leads the handling on a route.
var leads = map[Route]institution.UnitKind{
	ByCommittee: institution.Committee, BySupervision: institution.SupervisionOffice, ByTown: institution.LiaisonGroup,
}

// lead notes who leads the handling (领办), and tells them. ErrLeader tells of one
// that the route does not have, or misses.
func lead(ctx context.Context, m *matter.Move, in AcceptInput) error {
	kind, byUnit := leads[in.Route]
	if (in.LeaderID != "") != (in.Route == ByMember) || in.LeaderUnit != "" && !byUnit || byUnit && in.LeaderUnit == "" && in.Route != BySupervision {
		return ErrLeader
	}
	today := calendar.Of(m.Now)
	title, body := "请您领办一件微建议", fmt.Sprintf("“%s”请您领办：可以走访、调研，组织微协商、微监督，并登记情况。", m.Matter.Title)
	if in.LeaderID != "" {
		found, err := member.Actors(ctx, m.Tx, m.Matter.InstitutionID, []string{in.LeaderID}, today)
		if errors.Is(err, member.ErrNotFound) || err == nil && !found[0].Is(member.Member) {
			return ErrLeader
		}
		if err != nil {
			return err
		}
		m.Set("led_by", in.LeaderID)
		m.Comment = "由" + found[0].Name + "领办"
		m.Tell(m.Matter, []string{in.LeaderID}, notify.Task, title, body, m.Words("请领办"))
	}
	if in.LeaderUnit == "" {
		return nil
	}
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, []string{in.LeaderUnit})
	if err != nil {
		return err
	}
	if units[0].Kind != kind {
		return ErrLeader
	}
	m.Set("led_by_unit", in.LeaderUnit)
	m.Comment = "由" + units[0].Name + "领办"
	people, err := member.OfUnits(ctx, m.Tx, m.Matter.InstitutionID, []string{in.LeaderUnit}, today)
	m.Tell(m.Matter, people[in.LeaderUnit], notify.Task, title, body, m.Words("请领办"))
	return err
}

// logLed keeps what was done in leading the handling, and tells the authors in
// the digest of the day.
func logLed(_ context.Context, m *matter.Move) error {
	in := m.Input.(LedInput)
	m.Comment = in.Way.words() + "：" + in.Summary
	words := m.Words("办理中")
	words["note"] = in.Summary
	m.TellAuthors(notify.Progress, "您的微建议有新进展", fmt.Sprintf("“%s”：%s", m.Matter.Title, m.Comment), words)
	m.Attach(attachment.ForProgress, in.Files)
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

// dispatchNumbered gives a suggestion its number, if the office gave it none
// before, and hands it to the tail: to the units that were proposed when it was
// accepted, where the input names none.
func (s *Service) dispatchNumbered(ctx context.Context, m *matter.Move) error {
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	if err := handling.UseProposed(m, handling.Proposed(own.ProposedJSON)); err != nil {
		return err
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
