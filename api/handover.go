package api

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/member"
	"yanlu/internal/report"
	"yanlu/internal/sheet"
	"yanlu/internal/workflow"
)

// handoverView is a meeting at which matters were handed over (交办会).
type handoverView struct {
	ID     string `json:"id" format:"uuid"`
	Title  string `json:"title" example:"2026年提案交办会"`
	HeldOn string `json:"held_on" format:"date" example:"2026-03-20"`
}

// handoverLineView is what one unit was given.
type handoverLineView struct {
	ID          string          `json:"assignment_id" format:"uuid"`
	Version     int64           `json:"version" doc:"Of the assignment, for signing the list: POST /v1/assignments/bulk/sign_for"`
	Status      workflow.Status `json:"status" example:"DISPATCHED"`
	StatusLabel string          `json:"status_label" example:"待签收"`
	Unit        string          `json:"unit"`
	UnitID      string          `json:"unit_id" format:"uuid"`
	Role        handling.Role   `json:"role" enum:"LEAD,CO,SEPARATE"`
	LetterNo    string          `json:"letter_no,omitempty" example:"转办〔2026〕12号"`
	MatterID    string          `json:"matter_id" format:"uuid"`
	Kind        string          `json:"kind" example:"suggestion"`
	Number      string          `json:"number,omitempty" example:"2026年第31号"`
	Title       string          `json:"title"`
	DueAt       *time.Time      `json:"due_at,omitempty" doc:"When the answer is due, or the opinion"`
	SignedAt    *time.Time      `json:"signed_at,omitempty" doc:"When the unit signed for it"`
	Answering   []string        `json:"answering_units" nullable:"false" doc:"All units that the matter was given to at the meeting, to answer"`
	Beside      []string        `json:"co_units" nullable:"false" doc:"All units that it was given to at the meeting, for their opinion"`
}

// handoverListView is the list of a meeting (交办清单), in pages.
type handoverListView struct {
	ID     string             `json:"id" format:"uuid"`
	Title  string             `json:"title" example:"2026年提案交办会"`
	HeldOn string             `json:"held_on" format:"date" example:"2026-03-20"`
	Items  []handoverLineView `json:"items" nullable:"false"`
	Next   string             `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

type handoverInput struct {
	IDInput
	Paged
}

// handoverRoutes are the meetings, with their lists: all for the office, its own
// lines for a unit.
func (a *API) handoverRoutes() {
	const base, tag = "/v1/handovers", "交办"
	who := roles(append(member.UnitRoles(), member.InfoStaff, member.ProposalStaff, member.ProposalChair, member.Leader)...)
	read(a, operation{
		id: "handover.list", method: http.MethodGet, path: base, summary: "交办会", tag: tag, who: who, faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *Paged) (page[handoverView], error) {
		before, err := idCursor(in.After)
		if err != nil {
			return page[handoverView]{}, err
		}
		rows, err := a.handling.Handovers(ctx, actorOf(ctx), before, in.Limit+1)
		return cut(rows, in.Limit, func(h handling.Handover) string { return h.ID }, viewHandover), err
	})
	read(a, operation{
		id: "handover.read", method: http.MethodGet, path: base + "/{id}", summary: "交办清单", tag: tag, who: who,
		faults: []*fault.Fault{errCursor, handling.ErrNoHandover},
	}, func(ctx context.Context, in *handoverInput) (handoverListView, error) {
		after, err := idCursor(in.After)
		if err != nil {
			return handoverListView{}, err
		}
		h, lines, err := a.handling.HandoverLines(ctx, actorOf(ctx), in.ID, after, in.Limit+1)
		p := cut(lines, in.Limit, func(l handling.HandoverLine) string { return l.ID }, a.handoverLine)
		return handoverListView{h.ID, h.Title, h.HeldOn.String(), p.Items, p.Next}, err
	})
	export(a, operation{
		id: "handover.export", method: http.MethodGet, path: base + "/{id}/export", summary: "打印交办清单（Excel表格）", tag: tag, who: who,
		shows: audit.Export, faults: []*fault.Fault{handling.ErrNoHandover, report.ErrTooMany},
	}, sheet.Type, func(ctx context.Context, in *IDInput) (file, error) {
		h, handed, signatures, err := a.reports.HandoverList(ctx, actorOf(ctx), in.ID)
		if err != nil {
			return file{}, err
		}
		var b bytes.Buffer
		err = sheet.WritePaper(&b, handoverPaper(h, handed, signatures))
		return attached(sheet.Type, "handover.xlsx", "交办清单 "+h.HeldOn.String()+".xlsx", b.Bytes()), err
	})
}

// followView is an answer that is to be looked at again.
type followView struct {
	ReplyID    string     `json:"reply_id" format:"uuid"`
	MatterID   string     `json:"matter_id" format:"uuid"`
	Kind       string     `json:"kind" example:"suggestion"`
	Number     string     `json:"number,omitempty" example:"2026年第31号"`
	Title      string     `json:"title"`
	Unit       string     `json:"unit"`
	Outcome    string     `json:"outcome" example:"B" doc:"As it is by now"`
	AnsweredAt time.Time  `json:"answered_at"`
	LookedAt   *time.Time `json:"looked_at,omitempty" doc:"When it was looked at last; absent: never"`
}

type followInput struct {
	Paged
	Year int `query:"year" minimum:"2000" maximum:"2100" doc:"In which it was answered; without it last year" example:"2025"`
}

// followRoutes list what was answered as being solved and is looked at again the
// year after.
func (a *API) followRoutes() {
	read(a, operation{
		id: "follow_up.list", method: http.MethodGet, path: "/v1/follow-ups", summary: "上年答复为正在解决、需要跟踪的事项", tag: "交办",
		who: roles(member.InfoStaff, member.ProposalStaff, member.ProposalChair, member.Leader), faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *followInput) (page[followView], error) {
		after, err := idCursor(in.After)
		if err != nil {
			return page[followView]{}, err
		}
		year := cmp.Or(in.Year, calendar.Of(a.now()).Year()-1)
		rows, err := a.handling.ToFollow(ctx, a.db, actorOf(ctx), year, after, in.Limit+1)
		return cut(rows, in.Limit, func(f handling.Followed) string { return f.ID }, func(f handling.Followed) followView {
			return followView{f.ID, f.MatterID, string(f.Kind), text(f.Number), f.Title, f.UnitName, f.Outcome, local(f.AnsweredAt), localOrNil(f.LookedAt)}
		}), err
	})
}

// handoverPaper is the list of a meeting as it is printed, with room for each unit to
// sign.
func handoverPaper(h handling.Handover, handed []report.Handed, signatures []report.Signature) sheet.Paper {
	given := sheet.Grid{Heading: []string{"序号", "编号", "案由或标题", "主办单位", "会办单位", "办理时限"}}
	for i, x := range handed {
		answer, co := unitNames(x.Units)
		given.Rows = append(given.Rows, []string{
			strconv.Itoa(i + 1), text(x.Number), x.Title, strings.Join(answer, "、"), strings.Join(co, "、"), dayCell(x.DueAt),
		})
	}
	signed := sheet.Grid{Title: "签收", Heading: []string{"序号", "承办单位", "签收人（签字）", "主办件数", "会办件数", "签收日期"}, Tall: true}
	for i, x := range signatures {
		signed.Rows = append(signed.Rows, []string{strconv.Itoa(i + 1), x.UnitName, "", strconv.Itoa(x.Answers), strconv.Itoa(x.Opinions), ""})
	}
	return sheet.Paper{
		Name: "交办清单", Title: h.Title + "交办清单", Widths: []int{6, 26, 46, 26, 26, 14}, Tables: []sheet.Grid{given, signed},
		Note: fmt.Sprintf("交办日期：%d年%d月%d日　共%d件，承办单位%d个", h.HeldOn.Year(), h.HeldOn.Month(), h.HeldOn.Number(), len(handed), len(signatures)),
	}
}

func viewHandover(h handling.Handover) handoverView {
	return handoverView{h.ID, h.Title, h.HeldOn.String()}
}

func (a *API) handoverLine(l handling.HandoverLine) handoverLineView {
	answering, co := unitNames(l.Beside)
	return handoverLineView{
		l.ID, l.Version, l.Status, a.handling.FlowOf(l.Kind, l.Role).LabelOf(l.Status), l.UnitName, l.UnitID, l.Role, l.LetterNo, l.MatterID, string(l.Kind),
		text(l.Number), l.Title, localOrNil(l.DueAt), localOrNil(l.SignedAt), answering, co,
	}
}
