"""Realistic tools by domain, as text; ``tool_specs`` reads it.

``# domain``, then for every tool: ``verbs / nouns : description | description``; its parameters, each
``name other_name : kind`` (kinds of ``values.draw``; ``?`` before a name: optional); ``>`` requests, where ``[...]`` may be
left out; ``=`` the fields of its result.
"""

EVERYDAY = """
# weather
get fetch check / weather current_weather : Get the current weather for a city | Current weather in a place
city location place town : city ; ?units unit scale : enum celsius/fahrenheit
> What is the weather in {city}?[ Use {units}.] | How is the weather in {city}? | Weather in {city}[ in {units}] please | Is it raining in {city}? | Tell me the weather for {city}.
= temperature int -10 35 ; condition enum sunny/cloudy/rainy/windy/snow
get show / forecast weather_forecast : Weather forecast for some days | Forecast for a place
city location place : city ; days num_days : int 2 10
> Forecast for {city} for the next {days} days | What will the weather be in {city} over {days} days? | Give me a {days} day forecast for {city}.
= summary enum sunny/mild/stormy/foggy ; high int 10 35 ; low int -5 9
get check / air_quality pollution : Air quality of a city
city place : city
> How is the air quality in {city}? | Is the air clean in {city}? | Air quality for {city}, please.
= index int 1 200 ; level enum good/fair/poor
# web
search query / web internet : Search the web | Look something up online
query q text search_query : phrase ; ?max_results limit count : int 2 20
> Search the web for {query}.[ Show {max_results} results.] | Find pages about {query}[, at most {max_results}] | Google {query} | Look up {query} online[, {max_results} results].
= title title ; url url
open fetch read / page url webpage : Open a web page | Fetch a page by its address
url link address : url
> Open {url} | Please fetch {url} for me. | What is on the page {url}?
= title title ; words int 100 900
# email
send write compose / email mail : Send an email to someone
to recipient address : email ; body text message content : message ; ?subject title : title
> Send an email to {to}[ with the subject "{subject}"] saying "{body}" | Email {to}: {body} | Write to {to}[, subject {subject}]: "{body}"
= status enum sent/queued ; id id
search find / emails inbox mails : Search the inbox
query sender text : first ; ?unread_only unread : bool only unread ones/read ones too
> Find emails from {query}[, {unread_only}]. | Search my inbox for {query} | Are there mails from {query}?[ {unread_only}, please.]
= count int 1 40 ; latest title
delete remove / email mail : Delete an email by id
id email_id message_id : id
> Delete the email {id}. | Remove mail {id} please
= status enum deleted/moved
# calendar
create add schedule / event calendar_event appointment : Create a calendar event | Add an event to the calendar
title name summary : event ; date day : date ; ?time start_time start : time ; ?location place where : city
> Add {title} on {date}[ at {time}] to my calendar. | Schedule {title} for {date}[ at {time}][ in {location}]. | Put "{title}" on my calendar for {date}[, {time}].
= status enum created/ok ; id id
list get show / events appointments agenda : List the events of a day
date day : day
> What is on my calendar {date}? | Show my events for {date}. | Do I have anything on {date}?
= count int 1 9 ; first event
move reschedule / event appointment : Move an event to a new date
title event name : event ; new_date date to_date : date
> Move {title} to {new_date}. | Reschedule "{title}" to {new_date} please
= status enum moved/ok
# music
play start / song music track : Play a song | Start a song by title
title song track name : title ; ?artist singer by : person ; ?shuffle random : bool shuffled/in order
> Play {title}[ by {artist}]. | I want to hear "{title}"[ by {artist}] | Put on {title}[, {shuffle}]. | Start the song {title}[ by {artist}]
= status enum playing/paused ; length time
set change / volume music_volume : Set the volume | Change how loud the music is
level volume percent : int 0 100
> Set the volume to {level}. | Volume {level} please | Turn the music to {level} percent.
= volume int 1 100
create make / playlist mix : Create a playlist
name title : title ; ?songs tracks : list title
> Make a playlist called {name}[ with {songs}]. | Create the playlist "{name}"[ with the songs {songs}]
= status enum created/exists
# lights
turn switch set / light lamp lights : Turn a light on or off | Switch the light in a room
room location area : enum kitchen/bedroom/bathroom/office/garage/hall ; on state power enabled : bool on/off
> Turn {on} the light in the {room}. | Switch the {room} light {on}. | Lights {on} in the {room}, please.
= status enum on/off/ok
dim set_brightness_of adjust / light lamp : Set how bright a light is
room area zone : enum kitchen/bedroom/bathroom/office/garage/hall ; brightness level percent : int 1 100
> Dim the {room} light to {brightness} percent. | Set the brightness in the {room} to {brightness}. | {room} lamp at {brightness}%
= brightness int 1 100
color_of set_color paint / light lamp : Change the color of a light
room area : enum kitchen/bedroom/bathroom/office ; color colour : color
> Make the {room} light {color}. | Change the lamp in the {room} to {color}
= color color
# heating
set adjust / thermostat temperature heating : Set the thermostat | Set the temperature of a room
temperature degrees target : int 12 28 ; ?mode : enum heat/cool/auto ; ?room zone : enum kitchen/bedroom/office/bathroom
> Set the thermostat to {temperature}[ in {mode} mode]. | Make it {temperature} degrees[ in the {room}]. | Heat the house to {temperature}[, mode {mode}]
= status enum ok/set ; current int 10 25
get read / humidity moisture : Read the humidity of a room
room area : enum kitchen/bedroom/office/bathroom
> How humid is the {room}? | What is the humidity in the {room}?
= humidity int 20 80
# shop
search find / products items : Search the shop | Find products
query product keyword : thing ; ?max_price price_limit under : int 5 200 ; ?in_stock available : bool in stock/out of stock
> Find {query}[ under {max_price} dollars]. | Search the shop for {query}[ below {max_price}]. | Do you sell {query}?[ Only those {in_stock}.]
= count int 1 50 ; cheapest num 1 90
add put / cart basket : Add a product to the cart
item product name : thing ; quantity amount count qty : int 1 20
> Add {quantity} {item} to my cart. | Put {quantity} {item} in the basket. | I'd like {quantity} {item} in my cart
= total num 5 200 ; items int 1 20
cancel stop / order purchase : Cancel an order
order_id id number : id ; ?reason why : enum too late/wrong item/not needed
> Cancel my order {order_id}.[ Reason: {reason}.] | Please cancel the order {order_id}[ because: {reason}]
= status enum cancelled/failed ; refund num 5 99
track follow find / parcel shipment delivery : Track a parcel
tracking_number parcel_id number code : id
> Where is my parcel {tracking_number}? | Track the shipment {tracking_number}. | Has {tracking_number} been delivered?
= status enum shipped/in transit/delivered ; city city
# files
read open cat / file document : Read a file | Show the content of a file
path file filename name : file
> Read {path} | What is in {path}? | Show me the file {path}. | Open {path} please
= content message ; size int 20 4000
write save create / file document : Write text to a file
path file filename : file ; content text data : message ; ?append : bool append it/overwrite it
> Write "{content}" to {path}[ and {append}]. | Save the text "{content}" as {path} | Create {path} with the content "{content}"
= status enum saved/ok ; bytes int 10 900
delete remove / file document : Delete a file
path file filename : file
> Delete {path}. | Remove the file {path} please | Get rid of {path}
= status enum deleted/ok
list show / files directory folder : List the files of a folder
folder directory path : word ; ?recursive deep : bool with subfolders/without subfolders
> List the files in {folder}[, {recursive}]. | What files are in the folder {folder}? | Show the folder {folder}[ {recursive}]
= files list file
# database
run execute query / sql database : Run a query on a table
table table_name : noun ; ?limit max_rows : int 1 100 ; ?order_by sort : enum name/date/price/id
> Get all rows from the table {table}[, limit {limit}]. | Query {table}[ ordered by {order_by}]. | Show [{limit} rows of ]the table {table}
= rows int 1 500
count / rows records : Count the rows of a table
table name : noun
> How many rows are in {table}? | Count the records of {table}.
= count int 1 9000
# maps
get find plan / directions route : Directions between two places | Find a route
origin from start source : city ; destination to end target : city ; ?mode by transport : enum walking/cycling/driving=car/transit=bus
> How do I get from {origin} to {destination}[ by {mode}]? | Route from {origin} to {destination} please[, {mode}] | Directions to {destination} from {origin}
= distance int 3 900 ; minutes int 5 600
find search / places nearby_places : Find places near a location
type kind category : enum restaurant/pharmacy/hotel/museum/bank/school ; near location city : city
> Find a {type} in {near}. | Is there a {type} near {near}? | I need a {type} in {near}
= name title ; address address
get measure / distance : Distance between two cities
from_city a start : city ; to_city b end : city
> How far is {from_city} from {to_city}? | Distance between {from_city} and {to_city}
= kilometers int 20 9000
# currency
convert exchange / currency money : Convert money between currencies
amount value sum : int 5 900 ; from_currency source from : enum USD/EUR/GBP/JPY/CHF/SEK/INR ; to_currency target to : enum USD/EUR/GBP/JPY/CHF/SEK/INR
> Convert {amount} {from_currency} to {to_currency}. | How much is {amount} {from_currency} in {to_currency}? | Change {amount} {from_currency} into {to_currency} please
= result num 3 900 ; rate num 0 9
# translate
translate / text sentence : Translate a text
text sentence content : message ; target_language language to lang : enum French/German/Spanish/Italian/Dutch/Polish/Japanese
> Translate "{text}" into {target_language}. | How do you say "{text}" in {target_language}? | In {target_language}, please: "{text}"
= translation message
detect identify / language : Detect the language of a text
text sentence : message
> Which language is "{text}"? | Detect the language of "{text}"
= language enum English/French/German/Spanish ; score num 0 1
# timers
set start create / timer countdown : Start a timer
minutes duration mins : int 1 90 ; ?label name title : noun
> Set a timer for {minutes} minutes[ called {label}]. | Start a {minutes} minute timer[ named {label}]. | Timer: {minutes} minutes[, label {label}]
= status enum started/running ; id id
set create / alarm wake_up_alarm : Set an alarm
time at wake_time : time ; ?repeat daily every_day : bool every day/only once
> Wake me at {time}[, {repeat}]. | Set an alarm for {time}[ {repeat}]. | Alarm at {time} please
= status enum set/ok
cancel stop / timer countdown : Cancel a timer
id timer_id name : id
> Cancel the timer {id}. | Stop timer {id} please
= status enum cancelled/stopped
# notes
create add write / note memo : Create a note
text content body : message ; ?tags labels : list word
> Note: "{text}"[, tags {tags}] | Write down "{text}"[ with the tags {tags}]. | Make a note that says "{text}"
= id id ; status enum saved/ok
search find / notes memos : Search the notes
query text keyword : noun
> Find my notes about the {query}. | Search notes for {query}
= count int 1 30 ; first title
# todo
add create / task todo to_do : Add a task to the list
title task name text : event ; ?due due_date deadline : day ; ?priority urgency : enum low/medium/high
> Add "{title}" to my tasks[, due {due}]. | New task: {title}[, {priority} priority][, due {due}] | Remind me of {title}[ by {due}]
= id id
complete finish close / task todo : Mark a task as done
id task_id number : int 1 99
> Mark task {id} as done. | Task {id} is finished. | Complete task number {id}
= status enum done/ok ; left int 1 30
# restaurant
book reserve / table restaurant_table : Book a table at a restaurant
restaurant name place : title ; people guests party_size persons : int 2 12 ; date day when : day ; ?time hour at : time
> Book a table for {people} at {restaurant} {date}[ at {time}]. | Table for {people} at {restaurant}, {date}[ {time}] please | Reserve {restaurant} for {people} people {date}[ at {time}]
= status enum confirmed/full ; code id
get show / menu : Get the menu of a restaurant
restaurant name place : title ; ?vegetarian veggie : bool vegetarian only/all dishes
> What is on the menu at {restaurant}?[ {vegetarian}.] | Show the menu of {restaurant}[, {vegetarian}]
= dish noun ; price num 5 40
# flights
search find / flights flight : Search flights
origin from departure : city ; destination to arrival : city ; date day when : date ; ?cabin travel_class class : enum economy/business/first
> Find flights from {origin} to {destination} on {date}[ in {cabin}]. | I want to fly from {origin} to {destination} on {date}[, {cabin} class] | Flights {origin} to {destination}, {date}[, {cabin}]
= flight id ; price int 40 900
book buy / flight ticket : Book a flight
flight_number flight id : id ; passenger name traveler : person ; ?bags luggage : int 1 3
> Book flight {flight_number} for {passenger}[ with {bags} bags]. | Buy a ticket on {flight_number} for {passenger}
= code id ; seat id
get check / flight_status : Status of a flight
flight_number flight number : id
> Is flight {flight_number} on time? | What is the status of {flight_number}? | Check flight {flight_number}
= status enum on time/delayed/cancelled ; gate id
# hotels
search find / hotels rooms : Search hotels in a city
city location place : city ; check_in from arrival : date ; nights num_nights : int 1 14 ; ?guests people : int 1 6
> Find a hotel in {city} from {check_in} for {nights} nights[ for {guests} guests]. | I need a room in {city} on {check_in}, {nights} nights[, {guests} people]
= hotel title ; price int 40 400
cancel / hotel_booking room_booking : Cancel a hotel booking
booking_id id reference : id
> Cancel my hotel booking {booking_id}. | Please cancel the room {booking_id}
= status enum cancelled/failed
# trains
find search / trains train : Find a train between two cities
from_station origin from : city ; to_station destination to : city ; ?time departure after : time
> Trains from {from_station} to {to_station}[ after {time}] | When is the next train from {from_station} to {to_station}? | I need a train to {to_station} from {from_station}[ at {time}]
= departure time ; platform int 1 20
# taxi
order call book / taxi ride cab : Order a taxi
pickup from start : address ; destination to drop_off : address ; ?passengers people : int 1 6
> Get me a taxi from {pickup} to {destination}[ for {passengers} people]. | I need a ride from {pickup} to {destination}[, {passengers} people]
= driver first ; minutes int 2 30
# stocks
get fetch check / stock_price share_price quote : Price of a stock
symbol ticker stock : ticker
> What is the price of {symbol}? | Stock price of {symbol} please | How is {symbol} doing?
= price num 5 900 ; change num 0 5
buy / shares stock : Buy shares
symbol ticker : ticker ; shares quantity amount : int 1 200 ; ?limit max_price : num 5 300
> Buy {shares} shares of {symbol}[ at {limit} or less]. | I want {shares} {symbol} shares[, limit {limit}]
= status enum filled/pending ; id id
sell / shares stock : Sell shares
symbol ticker : ticker ; shares quantity amount : int 1 200
> Sell {shares} shares of {symbol}. | Get rid of {shares} {symbol} shares
= status enum filled/pending
# news
get fetch read / news headlines : News about a topic
topic subject query about : phrase ; ?country region : country ; ?limit count : int 2 10
> News about {topic}[ from {country}] | What is new about {topic}? | Show me [{limit} ]headlines on {topic}
= headline title ; source company
# recipes
find search / recipes dish : Find recipes with ingredients
ingredients items with : list thing ; ?max_minutes time_limit : int 10 90
> What can I cook with {ingredients}[ in {max_minutes} minutes]? | Recipes with {ingredients} | Find a dish with {ingredients}[, at most {max_minutes} minutes]
= name title ; minutes int 5 90
# phone
call dial phone / contact person : Call a person
name contact person : person ; ?speaker speakerphone : bool on speaker/without speaker
> Call {name}[ {speaker}]. | Phone {name} please[, {speaker}] | Dial {name}
= status enum ringing/busy
send write / sms text_message message : Send a text message
to recipient contact name : first ; text message body : message
> Text {to}: {text} | Send a message to {to}: "{text}" | Tell {to} "{text}"
= status enum sent/failed
# contacts
add create save / contact : Save a contact
name full_name : person ; ?email mail : email ; ?phone number tel : phone
> Save {name} as a contact[, email {email}][, phone {phone}]. | Add {name} to my contacts[ with the number {phone}]. | New contact: {name}[, {email}]
= id id
find get look_up / contact address_of person : Look up a contact
name person who : person
> What is the number of {name}? | Look up {name}. | Find the contact {name}
= phone phone ; email email
# fitness
log record track / workout exercise : Log a workout
activity sport type : enum running/cycling/swimming/yoga/rowing ; minutes duration time : int 10 120 ; ?distance km : num 1 30
> I did {minutes} minutes of {activity}[, {distance} km]. | Log {activity} for {minutes} minutes[ over {distance} km]
= calories int 50 900
get show / steps step_count : Steps of a day
date day : iso
> How many steps did I walk on {date}? | Show my steps for {date}
= steps int 500 20000
"""
