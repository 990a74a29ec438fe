package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/opinion"
	"yanlu/internal/suggestion"
	"yanlu/internal/workflow"
)

func number(f reflect.StructField, tags ...string) int {
	for _, tag := range tags {
		if n, err := strconv.Atoi(f.Tag.Get(tag)); err == nil {
			return n
		}
	}
	return 0
}

// options are the lists that the fields of forms choose from, by the name in
// their tag; but for kinds, which is another list for each kind.
func options() map[string][]optionView {
	all := map[string][]optionView{
		"categories": {
			{"CITY", "城市建设"}, {"TRAFFIC", "交通出行"}, {"EDUCATION", "教育"}, {"HEALTH", "医疗卫生"}, {"AGRICULTURE", "农业农村"},
			{"ENVIRONMENT", "生态环境"}, {"LIVELIHOOD", "民生保障"}, {"CULTURE", "文化旅游"}, {"ECONOMY", "经济发展"}, {"OTHER", "其他"},
		},
		"routes": {
			{string(suggestion.ByUnit), "直接交承办单位"}, {string(suggestion.ByCommittee), "专委会领办"},
			{string(suggestion.ByMember), "委员领办"}, {string(suggestion.BySupervision), "督查室交办"}, {string(suggestion.ByTown), "镇街就地办理"},
		},
		"channels": {
			{string(suggestion.Hotline), "12345热线"}, {string(suggestion.Petition), "信访部门"}, {string(suggestion.Police), "110"},
			{string(suggestion.Discipline), "纪检监察"}, {string(suggestion.Court), "法院或仲裁"}, {string(suggestion.UpperBody), "上级政协"},
			{string(suggestion.Department), "主管部门"},
		},
		"rejections": {
			{string(suggestion.Secret), "涉密"}, {string(suggestion.Litigation), "信访、涉诉、仲裁"}, {string(suggestion.Personal), "个人诉求或举报"},
			{string(suggestion.Personnel), "人事安排"}, {string(suggestion.Commercial), "商业推介"}, {string(suggestion.Beyond), "超出本级事权"},
			{string(suggestion.Unclear), "内容不清"}, {string(suggestion.Repeated), "重复"},
		},
		"ways": {
			{string(handling.InPerson), "面谈"}, {string(handling.ByPhone), "电话"}, {string(handling.Visit), "走访"},
			{string(handling.Forum), "座谈"}, {string(handling.None), "未沟通"},
		},
		"modes":       {{string(handling.Sole), "独办"}, {string(handling.LeadAndCo), "主办会办"}, {string(handling.Separated), "分办"}},
		"record_ways": {{string(workflow.ByPaper), "纸件"}, {string(workflow.ByPhone), "电话"}},
		"led_ways": {
			{string(suggestion.LedVisit), "走访"}, {string(suggestion.LedResearch), "调研"},
			{string(suggestion.LedDeliberation), "微协商"}, {string(suggestion.LedOversight), "微监督"},
		},
		"body_kinds": {
			{string(matter.UnitBody), "单位"}, {string(matter.StudioBody), "委员工作室"}, {string(matter.CommitteeBody), "专门委员会"}, {string(matter.PartyBody), "民主党派"},
			{string(matter.GroupBody), "人民团体"}, {string(matter.SectorBody), "界别"}, {string(matter.PanelBody), "小组"}, {string(matter.InstitutionBody), "下级政协"},
		},
		"urgencies":         {{string(opinion.Normal), "一般"}, {string(opinion.Urgent), "急"}},
		"confidentialities": {{string(opinion.Internal), "内部"}, {string(opinion.Public), "可公开"}, {string(opinion.Secret), "涉密（不能在这里提交）"}},
		"issue_types":       {{string(opinion.Single), "单篇"}, {string(opinion.Composite), "综合"}, {string(opinion.Special), "专报"}},
		"levels": {
			{string(opinion.Town), "乡镇街道"}, {string(opinion.County), "县区"}, {string(opinion.Prefecture), "地市"},
			{string(opinion.Province), "省区市"}, {string(opinion.Nation), "全国"},
		},
		"adoption_forms": {{string(opinion.Whole), "单篇采用"}, {string(opinion.Part), "综合采用"}, {string(opinion.Award), "评优获奖"}},
		"facts":          {{string(opinion.OfDispatch), "报送"}, {string(opinion.OfAdoption), "采用"}, {string(opinion.OfInstruction), "批示"}},
		"above_results": {
			{string(matter.ReceivedAbove), matter.ReceivedAbove.Label()}, {string(matter.FiledAbove), matter.FiledAbove.Label()},
			{string(matter.RefusedAbove), matter.RefusedAbove.Label()}, {string(matter.AdoptedAbove), matter.AdoptedAbove.Label()},
			{string(matter.AnsweredAbove), matter.AnsweredAbove.Label()}, {string(matter.PraisedAbove), matter.PraisedAbove.Label()},
		},
		"results": {{string(handling.Satisfied), "满意"}, {string(handling.Basically), "基本满意"}},
		"grades": {
			{string(handling.Satisfied), "满意"}, {string(handling.Basically), "基本满意"}, {string(handling.Dissatisfied), "不满意"},
		},
	}
	maps.Copy(all, proposalOptions())
	return all
}

// labelsOf returns the words for the choices of a list.
func labelsOf(list string) map[string]string {
	labels := map[string]string{}
	for _, o := range options()[list] {
		labels[o.Value] = o.Label
	}
	return labels
}

// kindsFrom lists the kinds into which matters of a flow may be converted.
func (a *API) kindsFrom(flow string) []optionView {
	list := []optionView{}
	for _, h := range a.matters.Convertible(matter.Kind(flow)) {
		list = append(list, optionView{string(h.Kind), h.Flow.Label})
	}
	return list
}

// optionsOf names the list from which a field of a flow chooses: what a matter may
// become, and which bodies hand it in, is another list for each kind.
func optionsOf(flow, list string) string {
	if list == "kinds" || list == "bodies" {
		return list + "_" + flow
	}
	return list
}

// formOptions are all lists that forms choose from: of each kind that may be
// converted, also those that it may become; its states, by which lists are
// narrowed; what the roster chooses from; and the periods that may be set.
func (a *API) formOptions() map[string][]optionView {
	all := options()
	for _, h := range a.matters.Heads() {
		if _, ok := h.Flow.Rule("convert"); ok {
			all[optionsOf(h.Flow.Name, "kinds")] = a.kindsFrom(h.Flow.Name)
		}
		for _, s := range h.Flow.States {
			list := "states_" + h.Flow.Name
			all[list] = append(all[list], optionView{string(s.Name), s.Label})
		}
	}
	for _, x := range a.matters.PeriodLabels() {
		all["periods"] = append(all["periods"], optionView{x.Name, x.Label})
	}
	for role, label := range member.Roles() {
		all["roles"] = append(all["roles"], optionView{string(role), label})
	}
	slices.SortFunc(all["roles"], func(x, y optionView) int { return cmp.Compare(x.Value, y.Value) })
	for _, word := range institution.UnitWords() {
		all["unit_words"] = append(all["unit_words"], optionView{word, word})
	}
	return all
}

// Flows lists the tables of this installation: the kinds and their tail.
func (a *API) Flows() []workflow.Table { return a.matters.Tables() }

type formsInput struct {
	IfNoneMatch string `header:"If-None-Match" maxLength:"100" doc:"The ETag of the answer that the client has"`
}

type formsOutput struct {
	Status       int
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         *formsView
}

func (a *API) formRoutes() {
	view := &formsView{Forms: formsOf(a.Flows(), a.phrases.Purposes()), Paper: fieldsOfType(reflect.TypeFor[workflow.Paper]()), Options: a.formOptions(), Sheets: a.sheets}
	raw, err := json.Marshal(view)
	if err != nil {
		panic(err) // plain data of ours
	}
	sum := sha256.Sum256(raw)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	o := a.operationOf(operation{id: "forms.list", method: http.MethodGet, path: "/v1/forms", summary: "各项操作的表单", tag: "表单", who: anyone}, false, false)
	o.Responses["304"] = &huma.Response{Description: "Not modified: what the client has is current"}
	huma.Register(a.huma, o, func(_ context.Context, in *formsInput) (*formsOutput, error) {
		out := &formsOutput{Status: http.StatusOK, ETag: "W/" + tag, CacheControl: "private, no-cache", Body: view}
		if isKnown(in.IfNoneMatch, tag) {
			out.Status, out.Body = http.StatusNotModified, nil
		}
		return out, nil
	})
}
