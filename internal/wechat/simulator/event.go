package simulator

import (
	"encoding/json"
	"encoding/xml"
	"strconv"
	"time"
)

// The events that can be pushed.
const (
	EventPopup  = "subscribe_msg_popup_event"
	EventChange = "subscribe_msg_change_event"
	EventSent   = "subscribe_msg_sent_event"
)

// listNames are the elements in which XML has the list of an event.
var listNames = map[string]string{
	EventPopup: "SubscribeMsgPopupEvent", EventChange: "SubscribeMsgChangeEvent", EventSent: "SubscribeMsgSentEvent",
}

// Event is what is pushed. A zero At means now. An event whose type is none of
// the constants has only its head.
type Event struct {
	Type   string
	OpenID string
	At     time.Time
	List   []Item
	Media  *Media // of EventMedia
}

// Item is one template of an event: Status "accept" or "reject" for a popup and
// a change, MsgID, ErrorCode and ErrorStatus for a message that was sent.
type Item struct {
	TemplateID  string
	Status      string
	MsgID       string
	ErrorCode   int
	ErrorStatus string
}

// pair is a name and its text; a list of them keeps the platform's order.
type pair struct{ name, value string }

func (i Item) pairs(event string) []pair {
	template := pair{"TemplateId", i.TemplateID}
	switch event {
	case EventPopup:
		return []pair{template, {"SubscribeStatusString", i.Status}, {"PopupScene", "0"}}
	case EventChange:
		return []pair{template, {"SubscribeStatusString", i.Status}}
	default:
		return []pair{template, {"MsgID", i.MsgID}, {"ErrorCode", strconv.Itoa(i.ErrorCode)}, {"ErrorStatus", i.ErrorStatus}}
	}
}

// json writes the event as the platform does: CreateTime a string in popups, the
// only item of a list as a bare object.
func (e Event) json(appID string) ([]byte, error) {
	message := map[string]any{
		"ToUserName": account, "FromUserName": e.OpenID, "CreateTime": e.At.Unix(), "MsgType": "event", "Event": e.Type,
	}
	if e.Type == EventPopup {
		message["CreateTime"] = strconv.FormatInt(e.At.Unix(), 10)
	}
	list := make([]map[string]string, 0, len(e.List))
	for _, item := range e.List {
		object := map[string]string{}
		for _, p := range item.pairs(e.Type) {
			object[p.name] = p.value
		}
		list = append(list, object)
	}
	switch {
	case e.Media != nil:
		e.Media.put(appID, message)
	case listNames[e.Type] == "":
	case len(list) == 1:
		message["List"] = list[0]
	default:
		message["List"] = list
	}
	return json.Marshal(message)
}

// account is the mini-program's original id, to which events are addressed.
const account = "gh_0123456789ab"

// element is XML with CDATA, as the platform writes it.
type element struct {
	XMLName  xml.Name
	Text     *cdata    `xml:",omitempty"`
	Children []element `xml:",omitempty"`
}

type cdata struct {
	Text string `xml:",cdata"`
}

func named(name string, children ...element) element {
	return element{XMLName: xml.Name{Local: name}, Children: children}
}

func leaf(name, value string) element {
	return element{XMLName: xml.Name{Local: name}, Text: &cdata{value}}
}

// MarshalXML writes the element without a wrapper around its text.
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	start := xml.StartElement{Name: e.XMLName}
	if e.Text != nil {
		return enc.EncodeElement(e.Text, start)
	}
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	for _, child := range e.Children {
		if err := enc.Encode(child); err != nil {
			return err
		}
	}
	return enc.EncodeToken(start.End())
}

func (e Event) xml(appID string) ([]byte, error) {
	root := element{XMLName: xml.Name{Local: "xml"}, Children: []element{
		leaf("ToUserName", account), leaf("FromUserName", e.OpenID),
		leaf("CreateTime", strconv.FormatInt(e.At.Unix(), 10)), leaf("MsgType", "event"), leaf("Event", e.Type),
	}}
	if name := listNames[e.Type]; name != "" {
		list := element{XMLName: xml.Name{Local: name}}
		for _, item := range e.List {
			entry := element{XMLName: xml.Name{Local: "List"}}
			for _, p := range item.pairs(e.Type) {
				entry.Children = append(entry.Children, leaf(p.name, p.value))
			}
			list.Children = append(list.Children, entry)
		}
		root.Children = append(root.Children, list)
	}
	if e.Media != nil {
		root.Children = append(root.Children, e.Media.elements(appID)...)
	}
	return xml.Marshal(root)
}
