package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// holidayView is a day that differs from its weekday.
type holidayView struct {
	Day     string        `json:"day" format:"date" minLength:"10" maxLength:"10" example:"2026-10-01" doc:"日期"`
	Kind    calendar.Kind `json:"kind" enum:"HOLIDAY,WORKDAY" example:"HOLIDAY" doc:"HOLIDAY 放假；WORKDAY 周末上班"`
	Name    string        `json:"name" minLength:"1" maxLength:"20" example:"国庆节" doc:"假期名称"`
	Local   bool          `json:"local,omitempty" example:"false" doc:"是否为本地（民族自治地方）的假期"`
	Weekday string        `json:"weekday,omitempty" maxLength:"2" example:"周四" doc:"星期，提交时不看"`
}

func holidayOf(d calendar.Day, kind calendar.Kind, name string, isLocal bool) holidayView {
	return holidayView{d.String(), kind, name, isLocal, calendar.WeekdayWord(d.Weekday())}
}

// ChangeInput is what is to become of the calendar.
type ChangeInput struct {
	Days   []holidayView `json:"days,omitempty" maxItems:"400" nullable:"false" example:"[{\"day\":\"2026-10-01\",\"kind\":\"HOLIDAY\",\"name\":\"国庆节\"}]" doc:"要添加或修改的日期"`
	Remove []string      `json:"remove,omitempty" maxItems:"400" nullable:"false" format:"date" example:"[\"2026-10-02\"]" doc:"要删除的日期，恢复为平常的星期"`
}

type previewInput struct {
	Body struct {
		ChangeInput
		Text  string `json:"text,omitempty" maxLength:"20000" example:"一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。" doc:"粘贴放假通知全文；与日期列表可同时给出"`
		Year  int    `json:"year,omitempty" minimum:"2000" maximum:"2100" example:"2026" doc:"通知的年份，标题中有时不必填"`
		Local bool   `json:"local,omitempty" example:"false" doc:"通知是否为本地的"`
	}
}

type shiftView struct {
	MatterID string    `json:"matter_id" format:"uuid"`
	Number   string    `json:"number,omitempty" example:"2026年第31号"`
	Title    string    `json:"title"`
	Kind     string    `json:"kind" example:"suggestion"`
	Label    string    `json:"label" doc:"Which deadline" example:"答复"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
}

type problemOfNotice struct {
	Text    string `json:"text" doc:"The piece of the notice, without spaces"`
	Message string `json:"message" example:"写的是8天，按日期数是7天。"`
}

type changesView struct {
	Count int         `json:"count" doc:"How many open deadlines would move"`
	More  bool        `json:"more" doc:"There are more deadlines than were looked at"`
	First []shiftView `json:"first" nullable:"false" doc:"The first fifty by their date"`
}

type previewView struct {
	Year     int               `json:"year,omitempty" example:"2026"`
	Days     []holidayView     `json:"days" nullable:"false" doc:"What would be written; to be confirmed as it is"`
	Remove   []string          `json:"remove" nullable:"false"`
	Problems []problemOfNotice `json:"problems" nullable:"false" doc:"What was not understood or contradicts itself; no day of it is among the days"`
	Advice   []string          `json:"advice" nullable:"false" doc:"Sentences that give no day off, left out knowingly"`
	Changes  changesView       `json:"changes"`
	Digest   string            `json:"digest" doc:"Names what was seen here; confirming takes it"`
}

type confirmInput struct {
	Keyed
	Body struct {
		ChangeInput
		Digest string `json:"digest" minLength:"64" maxLength:"64" pattern:"^[0-9a-f]+$" example:"0000000000000000000000000000000000000000000000000000000000000000" doc:"预览返回的摘要"`
	}
}

type yearInput struct {
	Year int `query:"year" minimum:"2000" maximum:"2100" example:"2026" doc:"年份，不填为今年"`
}

func (a *API) calendarRoutes() {
	const tag = "放假安排"
	office := roles(member.InfoStaff, member.ProposalStaff)
	read(a, operation{id: "holiday.list", method: http.MethodGet, path: "/v1/holidays", summary: "一年的放假和调休", tag: tag, who: everybody}, a.listHolidays)
	ask(a, operation{
		id: "holiday.preview", method: http.MethodPost, path: "/v1/holidays/preview", summary: "预览放假通知，不作改动", tag: tag, who: office, own: true,
		faults: []*fault.Fault{matter.ErrHolidays},
	}, a.previewHolidays)
	act(a, operation{
		id: "holiday.confirm", method: http.MethodPost, path: "/v1/holidays", summary: "确认放假安排，重新计算办理期限", tag: tag, who: office,
		faults: []*fault.Fault{matter.ErrHolidays, matter.ErrHolidaysStale},
	}, nil, func(ctx context.Context, tx *store.Tx, in confirmInput) (doneView, error) {
		change, err := in.Body.change(nil)
		if err != nil {
			return doneView{}, err
		}
		return doneView{true}, a.matters.ConfirmHolidays(ctx, tx, actorOf(ctx), change, in.Body.Digest)
	})
}

// ask registers a question that is too long for an address: it is posted, and
// changes nothing.
func ask[I, O any](a *API, op operation, fn func(context.Context, *I) (O, error)) {
	register(a, a.operationOf(op, true, false), fn)
}

func (a *API) listHolidays(ctx context.Context, in *yearInput) (page[holidayView], error) {
	year := in.Year
	if year == 0 {
		year = calendar.Of(a.now()).Year()
	}
	rows, err := a.matters.Holidays(ctx, actorOf(ctx).InstitutionID, year)
	p := page[holidayView]{Items: []holidayView{}}
	for _, r := range rows {
		p.Items = append(p.Items, holidayOf(r.Day, r.Kind, r.Name, r.Local))
	}
	return p, err
}

func (a *API) previewHolidays(ctx context.Context, in *previewInput) (previewView, error) {
	v := previewView{Days: []holidayView{}, Remove: in.Body.Remove, Problems: []problemOfNotice{}, Advice: []string{}}
	var read []matter.Holiday
	if in.Body.Text != "" {
		n := calendar.ReadNotice(in.Body.Text, in.Body.Year)
		v.Year, v.Advice = n.Year, append(v.Advice, n.Advice...)
		for _, p := range n.Problems {
			v.Problems = append(v.Problems, problemOfNotice(p))
		}
		for _, d := range n.Days {
			read = append(read, matter.Holiday{Day: d.Day, Kind: d.Kind, Name: d.Name, Local: in.Body.Local})
		}
	}
	change, err := in.Body.change(read)
	if err != nil {
		return v, err
	}
	p, err := a.matters.PreviewHolidays(ctx, actorOf(ctx).InstitutionID, change)
	if err != nil {
		return v, err
	}
	slices.SortFunc(change.Days, func(a, b matter.Holiday) int { return a.Day.Compare(b.Day) })
	for _, d := range change.Days {
		v.Days = append(v.Days, holidayOf(d.Day, d.Kind, d.Name, d.Local))
	}
	if v.Remove == nil {
		v.Remove = []string{}
	}
	v.Digest, v.Changes = p.Digest, changesView{Count: p.Count, More: p.More, First: []shiftView{}}
	for _, s := range p.Shifts {
		v.Changes.First = append(v.Changes.First, shiftView{s.MatterID, text(s.Number), s.Title, string(s.Kind), s.Label, local(s.From), local(s.To)})
	}
	return v, nil
}

// change is what was asked for, behind the days that were read of a text.
func (c ChangeInput) change(read []matter.Holiday) (matter.CalendarChange, error) {
	change := matter.CalendarChange{Days: read}
	for i, d := range c.Days {
		day, err := calendar.Parse(d.Day)
		if err != nil {
			return change, errInvalid.With(fault.Field{Path: fmt.Sprintf("body.days[%d].day", i), Message: "日期不存在"})
		}
		change.Days = append(change.Days, matter.Holiday{Day: day, Kind: d.Kind, Name: d.Name, Local: d.Local})
	}
	for i, text := range c.Remove {
		day, err := calendar.Parse(text)
		if err != nil {
			return change, errInvalid.With(fault.Field{Path: fmt.Sprintf("body.remove[%d]", i), Message: "日期不存在"})
		}
		change.Remove = append(change.Remove, day)
	}
	return change, nil
}
